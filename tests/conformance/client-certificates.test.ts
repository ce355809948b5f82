import { connect, type ConnectionOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../src/foundation/certificates/index.ts";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

interface Handshaken {
  /** Of the answer; undefined: the connection ended without one. */
  status: number | undefined;
  session: Buffer | undefined;
}

/** Asks for a host on a connection for a name. */
function ask(servername: string | undefined, host: string, options: ConnectionOptions = {}): Promise<Handshaken> {
  return new Promise((resolve) => {
    const name = servername === undefined ? {} : { servername };
    const socket = connect({
      host: "127.0.0.1",
      port: site.ports.guarded,
      rejectUnauthorized: false,
      ...name,
      ...options,
    });
    let text = "";
    let session: Buffer | undefined;
    socket.on("session", (ticket) => (session = ticket));
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => {
      const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
      resolve({ status: status === undefined ? undefined : Number(status), session });
    });
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

const shown = ({ certificate, key }: { certificate: string; key: string }) => ({ cert: certificate, key });
const mine = () => shown(site.client);
const strange = shown(selfSigned(["client.example"]));
/** Names the authority as its issuer, which never signed it: found out by the signature alone. */
const forged = ((): ReturnType<typeof shown> => {
  const { certificate, key } = selfSigned(["forger.example"]);
  const der = Buffer.from(certificate.replace(/-----.*-----|\n/g, ""), "base64");
  der.write("client.example", der.indexOf("forger.example"), "latin1");
  return { cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`, key };
})();

describe("GatewayFrontendClientCertificateValidation", () => {
  it("takes who shows a certificate of the authority", async () => {
    expect((await ask("strict.example", "strict.example", mine())).status).toBe(200);
  });

  it.each([
    ["none", {}],
    ["one of nobody that is known", strange],
    ["one that the authority did not sign", forged],
  ])("ends connections with another certificate: %s", async (_name, options) => {
    expect((await ask("strict.example", "strict.example", options)).status).toBeUndefined();
  });

  it("AllowInsecureFallback takes everybody", async () => {
    for (const options of [{}, strange, forged, mine()]) {
      expect((await ask("lenient.example", "lenient.example", options)).status).toBe(200);
    }
  });

  it("another Gateway's listener on the same port asks for nothing, and is no way around", async () => {
    expect((await ask("open.example", "open.example")).status).toBe(200);
    expect((await ask("open.example", "strict.example")).status).toBe(421);
    expect((await ask("lenient.example", "strict.example")).status).toBe(421);
    // No listener has it: there is no other connection to send it over.
    expect((await ask("open.example", "nowhere.test")).status).toBe(404);
    expect((await ask(undefined, "strict.example")).status).toBeUndefined();
    expect((await ask(undefined, "strict.example", mine())).status).toBeUndefined();
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("a session of another listener opens nothing: %s", async (version) => {
    const only = { minVersion: version, maxVersion: version };
    const { session } = await ask("open.example", "open.example", only);
    const resumed = session === undefined ? {} : { session };
    expect((await ask("strict.example", "strict.example", { ...only, ...resumed })).status).toBeUndefined();
    expect((await ask("strict.example", "strict.example", { ...only, ...resumed, ...mine() })).status).toBe(200);
  });

  it("without an authority to check by nobody is let in", () => {
    const gateway = site.planned.plan.conditions.gateways.find(({ name }) => name === "guarded");
    expect(gateway?.conditions.map(({ type, reason }) => `${type} ${reason}`)).toContain(
      "InsecureFrontendValidationMode ConfigurationChanged",
    );
    const conditions = gateway?.listeners.find(({ name }) => name === "unguarded")?.conditions ?? [];
    const text = conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
    expect(text).toContain("Accepted=False NoValidCACertificate");
    expect(text).toContain("ResolvedRefs=False InvalidCACertificateRef");
    expect(site.planned.plan.gateway.listeners.map(({ id }) => id)).not.toContain("default/guarded/unguarded");
  });
});
