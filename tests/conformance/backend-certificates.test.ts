import { X509Certificate } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned, type SelfSigned } from "../../src/foundation/certificates/index.ts";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const printOf = ({ certificate }: SelfSigned) => new X509Certificate(certificate).fingerprint256;

/** The certificate that the backend saw of us. */
async function shownTo(path: string, gateway: string): Promise<string | undefined> {
  const { status, body } = await site.ask({ host: `${gateway}.shows.example`, path });
  expect(status).toBe(200);
  return (JSON.parse(body) as { client?: string }).client;
}

describe("GatewayTLSBackendClientCertificate", () => {
  it.each(["/http1", "/http2"])(
    "each Gateway shows its own certificate, and none where it names none: %s",
    async (path) => {
      const { shownOne, shownTwo } = site.certificates as Record<"shownOne" | "shownTwo", SelfSigned>;
      const gateways = ["one", "two", "none", "two", "one", "none", "one", "two"];
      const seen = await Promise.all(gateways.map((gateway) => shownTo(path, gateway)));
      const wanted = { one: printOf(shownOne), two: printOf(shownTwo), none: undefined };
      expect(seen).toEqual(gateways.map((gateway) => wanted[gateway as keyof typeof wanted]));
    },
  );

  it("a changed Secret is shown on new connections, and what is under way ends on the old ones", async () => {
    const changed = selfSigned(["one.gateway"]);
    const host = "one.shows.example";
    const socket = connect({ host: "127.0.0.1", port: site.ports.http });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.write(`GET /wss HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await expect.poll(() => text.endsWith("\r\n\r\n")).toBe(true);
    const before = ["/http1/slow", "/http2/slow"].map((path) => site.ask({ host, path }));
    await sleep(150);
    await site.renew({ shownOne: changed });
    expect(await shownTo("/http1", "one")).toBe(printOf(changed));
    expect(await shownTo("/http2", "one")).toBe(printOf(changed));
    expect(await shownTo("/http1", "two")).toBe(printOf(site.certificates["shownTwo"]!));
    for (const { body, broken } of await Promise.all(before)) {
      expect(broken).toBe(false);
      expect(body).toContain(printOf(site.certificates["shownOne"]!));
    }
    socket.write("ping");
    await expect.poll(() => text.endsWith("ping")).toBe(true);
    expect(text).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nping$/);
    socket.destroy();
    await site.renew({});
  });

  it("no key is part of the plan", () => {
    const { gateway } = site.planned.plan;
    expect(JSON.stringify(gateway)).not.toContain("PRIVATE KEY");
    expect(gateway.listeners.find(({ id }) => id === "default/shows-one/http")?.backendCertificate).toMatchObject({
      certificate: { namespace: "default", name: "shown-one", key: "tls.crt" },
    });
  });
});

describe("GatewayInvalidTLSBackendConfiguration", () => {
  it.each([
    ["absent", "InvalidClientCertificateRef"],
    ["malformed", "InvalidClientCertificateRef"],
    ["wrong-kind", "InvalidClientCertificateRef"],
    ["not-granted", "RefNotPermitted"],
  ])("%s: %s, and nobody is spoken to as somebody else", async (name, reason) => {
    const gateway = site.planned.plan.conditions.gateways.find((each) => each.name === `shows-${name}`);
    const conditions = gateway?.conditions.map((each) => `${each.type}=${each.status} ${each.reason}`);
    expect(conditions).toContain(`ResolvedRefs=False ${reason}`);
    expect(conditions).toContain("Accepted=True Accepted");
    expect(conditions).toContain("Programmed=True Programmed");
    const host = `${name}.shows.example`;
    for (const path of ["/http1", "/http2"]) expect((await site.ask({ host, path })).status).toBe(500);
    expect((await site.ask({ host, path: "/plain" })).status).toBe(200);
  });

  it("a Gateway whose references are resolved says so, and speaks for its listeners", () => {
    const of = (name: string) =>
      site.planned.plan.conditions.gateways
        .find((each) => each.name === name)
        ?.conditions.filter(({ type }) => type === "ResolvedRefs")
        .map(({ status, reason }) => `${status} ${reason}`);
    expect(of("shows-one")).toEqual(["True ResolvedRefs"]);
    expect(of("guarded")).toEqual(["False ListenersNotResolved"]);
  });
});
