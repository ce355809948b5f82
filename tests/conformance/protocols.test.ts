import { request, type IncomingMessage } from "node:http";
import { connect as connectTls } from "node:tls";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangeRaw } from "../../src/gateway/listener/http1/raw-client.ts";
import { startSite, type TestSite } from "./harness.ts";
import { get } from "./table.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const host = "protocols.example";

/** The socket behind a 101, or the status that came instead. */
function upgrade(path: string, protocol = "websocket"): Promise<{ head: IncomingMessage; socket: Duplex } | number> {
  return new Promise((resolve, reject) => {
    const headers = { host, connection: "Upgrade", upgrade: protocol, "sec-websocket-key": "k" };
    const sent = request({ host: "127.0.0.1", port: site.ports.http, path, headers, agent: false });
    sent.on("upgrade", (head, socket, early) => {
      if (early.length > 0) socket.unshift(early);
      resolve({ head, socket });
    });
    sent.on("response", (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function switched(path: string) {
  const found = await upgrade(path);
  if (typeof found === "number") throw new Error(`no upgrade but ${found}`);
  let text = "";
  let closed = false;
  found.socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  found.socket.on("close", () => (closed = true));
  found.socket.on("error", () => {});
  const until = async (test: () => boolean): Promise<boolean> => {
    await expect.poll(() => test()).toBe(true);
    return test();
  };
  return { ...found, read: (wanted: string) => until(() => text === wanted), ended: () => until(() => closed) };
}

describe("WebSocket", () => {
  it.each(["/", "/ws"])("HTTPRouteBackendProtocolWebSocket: bytes both ways on %s", async (path) => {
    const { head, socket, read, ended } = await switched(path);
    expect(head.headers["sec-websocket-accept"]).toBe("k");
    expect(head.headers["upgrade"]).toBe("websocket");
    expect(await read("hello ;")).toBe(true);
    socket.write("ping");
    expect(await read("hello ;ping")).toBe(true);
    socket.write("bye");
    expect(await read("hello ;pingfarewell")).toBe(true);
    expect(await ended()).toBe(true);
  });

  it("the client's end reaches the backend, and its answer the client", async () => {
    const { socket, read, ended } = await switched("/");
    socket.end("last");
    expect(await read("hello ;last")).toBe(true);
    expect(await ended()).toBe(true);
  });

  it("much of it, at the pace of the slower side", async () => {
    const { socket, read } = await switched("/");
    const text = "w".repeat(3_000_000);
    socket.write(text);
    expect(await read(`hello ;${text}`)).toBe(true);
    socket.destroy();
  });

  it("timeouts end with the 101", async () => {
    const { socket, read } = await switched("/timed");
    await sleep(400);
    socket.write("still here");
    expect(await read("hello ;still here")).toBe(true);
    socket.destroy();
  });

  it("middlewares see the request, and what they allow gets through", async () => {
    const { head, socket, read } = await switched("/guarded");
    expect(head.headers["x-set"]).toBe("new");
    expect(await read("hello alice;")).toBe(true);
    socket.destroy();
    expect(await upgrade("/denied")).toBe(401);
  });

  it("a backend that refuses answers", async () => {
    expect(await upgrade("/refuse")).toBe(403);
  });

  it("with TLS too", async () => {
    const socket = connectTls({
      host: "127.0.0.1",
      port: site.ports.https,
      servername: "elsewhere.test",
      rejectUnauthorized: false,
    });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    const fields = [`Host: ${host}`, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: k"];
    socket.write(["GET / HTTP/1.1", ...fields, "", ""].join("\r\n"));
    await expect.poll(() => text.endsWith("hello ;")).toBe(true);
    socket.write("ping");
    await expect.poll(() => text.endsWith("ping")).toBe(true);
    expect(text).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nhello ;ping$/);
    socket.destroy();
  });

  it("other protocols are not switched to", async () => {
    expect(await upgrade("/", "h2c")).toBe(200);
  });

  it("what a client sends before the 101 is kept for it", async () => {
    const fields = [`Host: ${host}`, "Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Key: k"];
    const early = ["GET / HTTP/1.1", ...fields, "", ""].join("\r\n");
    const answer = await exchangeRaw(site.ports.http, [`${early}early`], 200);
    expect(answer).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(answer.endsWith("hello ;early")).toBe(true);
  });
});

describe("HTTP/1.1 on the wire", () => {
  const post = (...fields: string[]): string => ["POST / HTTP/1.1", `Host: ${host}`, ...fields, "", ""].join("\r\n");

  it("100-continue comes when the backend wants the body", async () => {
    const head = post("Expect: 100-continue", "Content-Length: 5", "Connection: close");
    const answer = await exchangeRaw(site.ports.http, [head, 100, "hello"]);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain(`"body":"hello"`);
    expect(answer).not.toContain(`"expect"`);
  });

  it("100-continue does not come where the answer needs no body", async () => {
    const head = post("Expect: 100-continue", "Content-Length: 5").replace("POST /", "POST /denied");
    const answer = await exchangeRaw(site.ports.http, [head]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.endsWith("<closed>")).toBe(true);
  });

  it("103 Early Hints pass, and 100 of a backend does not", async () => {
    const head = post("Content-Length: 0", "Connection: close").replace("POST /", "POST /hints");
    const answer = await exchangeRaw(site.ports.http, [head]);
    expect(answer).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/style.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/i,
    );
  });

  it("trailers go both ways", async () => {
    const head = post("Transfer-Encoding: chunked", "Trailer: x-check", "Connection: close");
    const body = "5\r\nhello\r\n0\r\nX-Check: 123\r\n\r\n";
    const answer = await exchangeRaw(site.ports.http, [head.replace("POST /", "POST /trailers"), body]);
    expect(answer).toContain(`{"body":"hello","trailers":{"x-check":"123"}}`);
    expect(answer).toMatch(/\r\n0\r\nx-sum: abc\r\n\r\n<closed>$/);
  });

  it("gRPC-Web goes through as it is, its frame of trailers too", async () => {
    const call = "AAAAAAIIAQ==";
    const head = post("Content-Type: application/grpc-web-text", "X-Grpc-Web: 1", `Content-Length: ${call.length}`);
    const answer = await exchangeRaw(site.ports.http, [
      head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
      call,
    ]);
    expect(answer).toContain(`{"body":"${call}","headers":`);
    expect(answer).toContain(`"content-type":"application/grpc-web-text"`);
  });

  it("server-sent events are not held back", async () => {
    const sent = request({
      host: "127.0.0.1",
      port: site.ports.http,
      path: "/events",
      headers: { host },
      agent: false,
    });
    let text = "";
    const ended = new Promise<void>((resolve, reject) => {
      sent.on("response", (incoming) => {
        incoming.on("data", (piece: Buffer) => (text += piece.toString()));
        incoming.on("end", resolve).on("error", reject);
      });
      sent.on("error", reject).end();
    });
    for (const count of [0, 1, 2]) {
      await expect.poll(() => text).toMatch(new RegExp(`data: ${count}\n\n$`));
      expect((await site.ask(get(`${host}/next`))).status).toBe(200);
    }
    await ended;
  });

  it("HEAD, ranges and conditions go through as they are", async () => {
    const { body } = await site.ask(get(host, { Range: "bytes=0-3", "If-None-Match": '"a"' }));
    expect(JSON.parse(body).headers).toMatchObject({ range: "bytes=0-3", "if-none-match": '"a"' });
  });

  it("205 has no content, whatever a backend sent (RFC 9110, section 15.3.6)", async () => {
    const kept = exchangeRaw(
      site.ports.http,
      [
        "GET /?status=205&bytes=9 HTTP/1.1\r\nHost: matching.example\r\n\r\n",
        "GET /?status=205&bytes=90000 HTTP/1.1\r\nHost: matching.example\r\nConnection: close\r\n\r\n",
      ],
      2000,
    );
    expect(await kept).toMatch(/^HTTP\/1.1 205 [^x]*content-length: 0\r\n\r\nHTTP\/1.1 205 [^x]*<closed>$/s);
  });

  it("requests have a name, and keep one that they came with; trace context passes", async () => {
    const own = JSON.parse((await site.ask(get(host))).body).headers["x-request-id"];
    expect(own).toMatch(/^[\w-]{8,}$/);
    const outer = { "X-Request-Id": "outer", traceparent: "00-1-2-01", tracestate: "a=b" };
    expect(JSON.parse((await site.ask(get(host, outer))).body).headers).toMatchObject({
      "x-request-id": "outer",
      traceparent: "00-1-2-01",
      tracestate: "a=b",
    });
  });
});
