import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { exchangeRaw } from "../../src/gateway/listener/http1/raw-client.ts";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const host = "edge.example";

async function seen(headers: Record<string, string>, listener: "http" | "edge" = "edge") {
  const reply = await site.ask({ host: listener === "http" ? "simple.example" : host, listener, headers });
  return reply.seen?.headers ?? {};
}

describe("where a request comes from", () => {
  const told = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7, 10.1.1.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example",
    "X-Forwarded-Prefix": "/shop",
    Forwarded: "for=198.51.100.7",
    Via: "1.1 cdn",
  };

  it("is what the connection tells, where nobody is trusted", async () => {
    const headers = await seen(told, "http");
    expect(headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "simple.example",
    });
    for (const name of ["x-forwarded-prefix", "forwarded", "via", "traceparent"])
      expect(headers).not.toHaveProperty(name);
  });

  it("is what a trusted proxy tells, with our part of the way", async () => {
    expect(await seen(told)).toMatchObject({
      "x-forwarded-for": "203.0.113.9, 198.51.100.7, 10.1.1.1, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example",
      "x-forwarded-prefix": "/shop",
      forwarded: `for=198.51.100.7, for=127.0.0.1;host="${host}";proto=http`,
      via: "1.1 cdn,1.1 edge-1",
    });
  });

  it("is the connection's, where a trusted proxy tells nothing, or nonsense", async () => {
    expect(await seen({ "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a b/c" })).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": host,
      via: "1.1 edge-1",
    });
  });

  it("a trace goes on, or begins where there is none that can be read", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(await seen({ traceparent, tracestate: "a=b" })).toMatchObject({ traceparent, tracestate: "a=b" });
    const made = await seen({ traceparent: "00-zz-1-01", tracestate: "a=b" });
    expect(made["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(made).not.toHaveProperty("tracestate");
    expect((await seen({}))["traceparent"]).not.toBe(made["traceparent"]);
  });
});

describe("the PROXY protocol", () => {
  const get = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  const v2 = (command: number, family: number, addresses: number[]): string => {
    const head = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, command, family];
    return Buffer.from([...head, 0, addresses.length, ...addresses]).toString("latin1");
  };
  const four = [203, 0, 113, 9, 127, 0, 0, 1, 0x10, 0, 0, 80];

  it.each([
    ["version 1", `PROXY TCP4 203.0.113.9 127.0.0.1 4096 80\r\n`, "203.0.113.9"],
    ["version 1 with IPv6", `PROXY TCP6 2001:db8::9 ::1 4096 80\r\n`, "2001:db8::9"],
    ["version 1 of unknown", "PROXY UNKNOWN\r\n", "127.0.0.1"],
    ["version 2", v2(0x21, 0x11, four), "203.0.113.9"],
    ["version 2 with extensions", v2(0x21, 0x11, [...four, 4, 0, 1, 0]), "203.0.113.9"],
    ["version 2 of the proxy itself", v2(0x20, 0, []), "127.0.0.1"],
  ])("tells of the client: %s", async (_name, header, client) => {
    for (const pieces of [[header + get], [header.slice(0, 5), 20, header.slice(5), 20, get]]) {
      const answer = await exchangeRaw(site.ports.announced, pieces, 2000);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain(`"x-forwarded-for":"${client}"`);
    }
  });

  it.each([
    ["none", get],
    ["a line without end", `PROXY TCP4 ${"1".repeat(200)}`],
    ["an address of the other family", `PROXY TCP4 ::1 ::1 1 2\r\n${get}`],
    ["an unknown command", v2(0x2f, 0x11, four) + get],
    ["no room for its addresses", v2(0x21, 0x11, [1, 2]) + get],
  ])("is due from whom it is configured for: %s", async (_name, bytes) => {
    expect(await exchangeRaw(site.ports.announced, [bytes], 2000)).toBe("<closed>");
  });

  it("is forgotten with its connection, also where that spoke HTTP/2", async () => {
    // One that nobody else gets in between.
    const localPort = await freePort();
    const first = connect({ port: site.ports.announced, host: "127.0.0.1", localPort });
    first.on("error", () => {});
    first.write("PROXY TCP4 203.0.113.9 127.0.0.1 4096 80\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await once(first, "data");
    // Without TIME_WAIT the same port can be had again at once.
    await once(first.resetAndDestroy(), "close");
    const second = connect({ port: site.ports.announced, host: "127.0.0.1", localPort });
    let answer = "";
    second.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    second.write(`PROXY UNKNOWN\r\n${get}`);
    await once(second, "close");
    expect(answer).toContain('"x-forwarded-for":"127.0.0.1"');
  });

  it("is no request where it is not configured", async () => {
    const answer = await exchangeRaw(site.ports.edge, [`PROXY TCP4 203.0.113.9 127.0.0.1 4096 80\r\n${get}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("compression", () => {
  /** The bytes as they came, and the headers. */
  function fetched(path: string, accept: string | undefined, method = "GET", name = host) {
    return new Promise<{ headers: Record<string, string | string[] | undefined>; body: Buffer }>((resolve, reject) => {
      const headers = { host: name, ...(accept === undefined ? {} : { "accept-encoding": accept }) };
      const sent = request({ host: "127.0.0.1", port: site.ports.edge, path, method, headers, agent: false });
      sent.on("response", (incoming) => {
        const pieces: Buffer[] = [];
        incoming.on("data", (piece: Buffer) => pieces.push(piece));
        incoming.on("end", () => resolve({ headers: incoming.headers, body: Buffer.concat(pieces) }));
      });
      sent.on("error", reject).end();
    });
  }
  const text = "/?bytes=200000&header=content-type:text/css&header=etag:%22a%22&header=accept-ranges:bytes";

  it.each([
    ["gzip", "gzip", gunzipSync],
    ["br, gzip", "br", brotliDecompressSync],
    ["gzip, br, zstd", "zstd", zstdDecompressSync],
    ["zstd;q=0, *", "br", brotliDecompressSync],
  ])("%s gets %s", async (accept, encoding, decode) => {
    const { headers, body } = await fetched(text, accept);
    expect(headers).toMatchObject({ "content-encoding": encoding, vary: "Accept-Encoding", etag: 'W/"a"' });
    expect(headers).not.toHaveProperty("content-length");
    expect(headers).not.toHaveProperty("accept-ranges");
    expect(decode(body).toString()).toBe("x".repeat(200_000));
  });

  it.each([
    ["no Accept-Encoding", text, undefined],
    ["none of ours", text, "deflate"],
    ["all refused", text, "gzip;q=0, br;q=0.0, zstd;q=0"],
  ])("stays away, and says that it depends: %s", async (_name, path, accept) => {
    const { headers, body } = await fetched(path, accept);
    expect(headers).toMatchObject({ vary: "Accept-Encoding", etag: '"a"', "content-length": "200000" });
    expect(headers).not.toHaveProperty("content-encoding");
    expect(body.length).toBe(200_000);
  });

  it.each([
    ["pictures", "/?bytes=200000&header=content-type:image/png"],
    ["events", "/?bytes=200000&header=content-type:text/event-stream"],
    ["small bodies", "/?bytes=900&header=content-type:text/css"],
    ["what is encoded", "/?bytes=200000&header=content-type:text/css&header=content-encoding:gzip"],
    ["no-transform", "/?bytes=200000&header=content-type:text/css&header=cache-control:no-transform"],
    ["parts", "/?status=206&bytes=200000&header=content-type:text/css&header=content-range:bytes%200-1/2"],
  ])("leaves alone: %s", async (_name, path) => {
    const { headers, body } = await fetched(path, "gzip");
    expect(headers).not.toHaveProperty("vary");
    expect(headers["content-length"]).toBe(String(body.length));
  });

  it("HEAD has the headers of GET", async () => {
    const { headers, body } = await fetched(text, "gzip", "HEAD");
    expect(headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding", etag: 'W/"a"' });
    expect(headers).not.toHaveProperty("content-length");
    expect(body.length).toBe(0);
  });

  it("is off where a route says so", async () => {
    const { headers } = await fetched(text, "gzip", "GET", "plain.edge.example");
    expect(headers).not.toHaveProperty("content-encoding");
    expect(headers).not.toHaveProperty("vary");
  });
});

describe("pages for errors", () => {
  it.each([
    ["no route", "elsewhere.example", "/", 404, "text/html; charset=utf-8", "<h1>Nichts fÃ¼r dich</h1>"],
    ["its own status first", host, "/away", 503, "application/json", '{"sorry":true}'],
    ["all of a class", host, "/nothing", 500, "text/plain; charset=utf-8", "broken"],
  ])("%s", async (_name, name, path, status, type, body) => {
    const reply = await site.ask({ host: name, path, listener: "edge" });
    expect(reply).toMatchObject({ status, body });
    expect(reply.headers["content-type"]).toBe(type);
    if (status === 503) expect(reply.headers["retry-after"]).toBe("1");
  });

  it("not for what asks for JSON, and not for a backend's own", async () => {
    const headers = { accept: "application/json" };
    expect((await site.ask({ host: "elsewhere.example", listener: "edge", headers })).body).toContain(
      '"code":"no-route"',
    );
    expect((await site.ask({ host, path: "/?status=404", listener: "edge" })).seen?.backend).toBe("v1");
  });
});
