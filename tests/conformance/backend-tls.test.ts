import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const host = "backend-tls.example";

describe("BackendTLSPolicy", () => {
  it.each([
    ["by its authority and name", "/checked", { servername: "backend.example", version: "1.1" }],
    ["where the port says nothing of TLS", "/plain-port", { servername: "backend.example", version: "1.1" }],
    [
      "by one of its authorities, where another is missing",
      "/some-authority",
      { servername: "backend.example", version: "1.1" },
    ],
    ["HTTP/2", "/over-h2", { servername: "backend.example", version: "2.0", scheme: "https" }],
    ["by another name than the one that is asked for", "/other-names", { servername: "other.example", version: "1.1" }],
  ])("a backend with the right certificate is used: %s", async (_name, path, seen) => {
    for (let turn = 0; turn < 2; turn++) {
      const { status, body } = await site.ask({ host, path, method: "POST", body: "x" });
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({ backend: "tls", ...seen });
    }
  });

  it.each([
    ["another name", "/wrong-name", 503],
    ["another authority", "/wrong-authority", 503],
    ["none of the names", "/wrong-names", 503],
    ["one that this machine does not trust", "/of-system", 503],
    ["no authority to check by", "/missing-authority", 500],
    ["authorities that nobody here knows", "/unknown-authorities", 500],
    ["https without a policy", "/no-policy", 500],
  ])("nothing is sent to a backend otherwise: %s", async (_name, path, status) => {
    expect((await site.ask({ host, path })).status).toBe(status);
  });

  it("WebSocket goes through TLS (kubernetes.io/wss)", async () => {
    const socket = connect({ host: "127.0.0.1", port: site.ports.http });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.write(`GET /wss HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await expect.poll(() => text.endsWith("\r\n\r\n")).toBe(true);
    socket.write("ping");
    await expect.poll(() => text.endsWith("ping")).toBe(true);
    expect(text).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nping$/);
    socket.destroy();
  });

  it("has the conditions of the specification", () => {
    const of = (name: string) =>
      site.planned.plan.conditions.policies
        .filter((policy) => policy.kind === "BackendTLSPolicy" && policy.name === name)
        .flatMap(({ ancestors }) => ancestors.flatMap(({ conditions }) => conditions))
        .map(({ type, status, reason }) => `${type}=${status} ${reason}`);
    expect(of("checked")).toEqual(["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]);
    expect(of("missing-authority")).toEqual([
      "Accepted=False NoValidCACertificate",
      "ResolvedRefs=False InvalidCACertificateRef",
    ]);
    expect(of("some-authority")).toEqual(["Accepted=True Accepted", "ResolvedRefs=False InvalidCACertificateRef"]);
    expect(of("unknown-authorities")).toEqual(["Accepted=False Invalid"]);
    expect(of("zz-late")).toEqual(["Accepted=False Conflicted"]);
  });

  it("its ancestors are the Gateways that send requests to the Service", () => {
    const of = (name: string) =>
      site.planned.plan.conditions.policies
        .filter((policy) => policy.kind === "BackendTLSPolicy" && policy.name === name)
        .flatMap(({ ancestors }) => ancestors.map(({ ancestorRef }) => `${ancestorRef.kind}/${ancestorRef.name}`));
    expect(of("checked")).toEqual(["Gateway/gateway"]);
  });
});
