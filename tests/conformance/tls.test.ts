import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { Agent } from "node:https";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { connect } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../src/foundation/certificates/index.ts";
import { exchangeRaw } from "../../src/gateway/listener/http1/raw-client.ts";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

/** The certificate's names, or why there was none. */
function handshake(servername: string | undefined, ca?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: "127.0.0.1",
      port: site.ports.https,
      rejectUnauthorized: ca !== undefined,
      ...(servername === undefined ? {} : { servername }),
      ...(ca === undefined ? {} : { ca }),
    });
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe("HTTPRouteHTTPSListenerDetectMisdirectedRequests", () => {
  it.each([
    ["example.org", "example.org", 200, "v1"],
    ["example.org", "second-example.org", 421, undefined],
    ["example.org", "unknown-example.org", 404, undefined],
    ["second-example.org", "second-example.org", 200, "v2"],
    ["second-example.org", "example.org", 421, undefined],
    ["second-example.org", "unknown-example.org", 421, undefined],
    ["third-example.wildcard.org", "third-example.wildcard.org", 200, "v3"],
    ["third-example.wildcard.org", "fifth-example.wildcard.org", 200, "v3"],
    ["third-example.wildcard.org", "fourth-example.wildcard.org", 421, undefined],
    ["third-example.wildcard.org", "second-example.org", 421, undefined],
    ["fourth-example.wildcard.org", "fourth-example.wildcard.org", 200, "v1"],
    ["fourth-example.wildcard.org", "fifth-example.wildcard.org", 421, undefined],
    ["unknown-example.org", "example.org", 200, "v1"],
    ["unknown-example.org", "unknown-example.org", 404, undefined],
  ])("handshake for %s, Host %s: %d", async (servername, host, status, backend) => {
    const reply = await site.ask({ listener: "https", servername, host });
    expect([reply.status, reply.seen?.backend]).toEqual([status, backend]);
  });
});

describe("HTTPRouteHTTPSListener", () => {
  it("the backend is told the scheme", async () => {
    const { seen } = await site.ask({ listener: "https", servername: "example.org", host: "example.org" });
    expect(seen?.headers["x-forwarded-proto"]).toBe("https");
  });

  it.each([
    ["/redirect/a", (port: number) => `https://example.org:${port}/redirect/a`],
    ["/to-http/a", () => "http://example.org/to-http/a"],
  ])("a redirect of %s", async (path, location) => {
    const reply = await site.ask({ listener: "https", servername: "example.org", host: "example.org", path });
    expect(reply.headers["location"]).toBe(location(site.ports.https));
  });

  it("bodies both ways, broken responses and several requests on a connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = { listener: "https", servername: "example.org", host: "example.org", agent } as const;
    const body = "z".repeat(200_000);
    expect((await site.ask({ ...asked, method: "POST", body })).seen?.body.length).toBe(200_000);
    expect((await site.ask({ ...asked, path: "/?bytes=500000" })).body.length).toBe(500_000);
    agent.destroy();
  });
});

describe("plain HTTP on a port that speaks HTTPS", () => {
  it.each(["GET", "DELETE", "CONNECT", "QUERY", "PROPFIND", "M-SEARCH"])("%s is told so", async (method) => {
    const answer = await exchangeRaw(site.ports.https, [`${method} / HTTP/1.1\r\nHost: example.org\r\n\r\n`], 3000);
    const [head = "", body = ""] = answer.replace(/<closed>$/, "").split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*connection: close$/);
    expect(head).toContain(`content-length: ${body.length}\r\n`);
    expect(JSON.parse(body)).toMatchObject({ message: "plain HTTP came to a port that speaks HTTPS" });
    expect(answer).toMatch(/<closed>$/);
  });

  it("HTTP/2 is told to use HTTP/1.1", async () => {
    const session = connectHttp2(`http://127.0.0.1:${site.ports.https}`);
    const told = new Promise<unknown[]>((resolve) => {
      session.on("error", () => {}).on("goaway", (code, _last, data?: Buffer) => resolve([code, data?.toString()]));
    });
    session.request().on("error", () => {});
    expect(await told).toEqual([constants.NGHTTP2_HTTP_1_1_REQUIRED, "plain HTTP came to a port that speaks HTTPS"]);
    session.destroy();
  });

  it("a handshake in pieces of a byte is one", async () => {
    const raw = connectTcp(site.ports.https, "127.0.0.1").setNoDelay();
    const dribble = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        void (async () => {
          for (const byte of chunk.subarray(0, 8)) {
            if (!raw.destroyed) raw.write(Buffer.of(byte));
            await sleep(2);
          }
          if (!raw.destroyed) raw.write(chunk.subarray(8), done);
        })();
      },
    });
    raw.on("data", (chunk) => dribble.push(chunk));
    const socket = connect({ socket: dribble, servername: "example.org", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    expect(socket.getPeerCertificate().subjectaltname).toBe("DNS:example.org");
    raw.destroy();
  });

  it("what is neither is closed without a word", async () => {
    const answer = await exchangeRaw(site.ports.https, ["SSH-2.0-x\r\n"], 3000);
    expect(answer).toMatch(/<closed>$/);
    expect(answer).not.toContain("HTTP");
  });
});

it("a connection has one handshake: TLS 1.2 is not renegotiated", async () => {
  const socket = connect({
    host: "127.0.0.1",
    port: site.ports.https,
    servername: "example.org",
    rejectUnauthorized: false,
    maxVersion: "TLSv1.2",
  });
  await once(socket, "secureConnect");
  const ended = new Promise((resolve) => socket.on("close", resolve).on("error", () => {}));
  const renegotiated = new Promise((resolve) => socket.renegotiate({ rejectUnauthorized: false }, resolve));
  expect(await Promise.race([renegotiated, ended, sleep(300)])).not.toBeNull();
  socket.destroy();
});

describe("certificates", () => {
  it("are those of the listener with the name", async () => {
    expect(await handshake("example.org", site.certificates["any"]?.certificate)).toBe("DNS:example.org");
    expect(await handshake("second-example.org")).toBe("DNS:second-example.org");
    expect(await handshake("x.wildcard.org")).toBe("DNS:*.wildcard.org");
    expect(await handshake("elsewhere.test")).toBe("DNS:example.org");
    expect(await handshake(undefined)).toBe("DNS:example.org");
  });

  it("are renewed with a changed Secret, and no connection is dropped", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = { listener: "https", servername: "example.org", host: "example.org", agent } as const;
    const slow = site.ask({ ...asked, path: "/?delay=400" });
    await sleep(100);
    await site.renew({ any: selfSigned(["example.org", "renewed.example.org"]) });
    expect(await handshake("example.org")).toBe("DNS:example.org, DNS:renewed.example.org");
    expect((await slow).status).toBe(200);
    const [kept] = Object.values(agent.freeSockets).flat();
    expect((await site.ask(asked)).status).toBe(200);
    expect(Object.values(agent.freeSockets).flat()).toEqual([kept]);
    agent.destroy();
  });

  it("that are missing are reported, and the others are served", () => {
    const { gateways } = site.planned.plan.conditions;
    const named = gateways.find(({ name }) => name === "secure")?.listeners.find(({ name }) => name === "named");
    const states = named?.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
    expect(states).toEqual([
      "Accepted=True Accepted",
      "Conflicted=False NoConflicts",
      "ResolvedRefs=False InvalidCertificateRef",
      "Programmed=True Programmed",
      "OverlappingTLSConfig=True OverlappingHostnames",
    ]);
  });
});
