import { connect, constants, type ClientHttp2Session } from "node:http2";
import { connect as connectTls } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangeRaw } from "../../src/gateway/listener/http1/raw-client.ts";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
const sessions: ClientHttp2Session[] = [];
beforeAll(async () => {
  site = await startSite();
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await site?.close();
});

/** By ALPN with TLS, by prior knowledge without. */
function session(kind: "tls" | "clear", servername = "example.org"): ClientHttp2Session {
  const made =
    kind === "clear"
      ? connect(`http://127.0.0.1:${site.ports.http}`)
      : connect(`https://127.0.0.1:${site.ports.https}`, { servername, rejectUnauthorized: false });
  made.on("error", () => {});
  sessions.push(made);
  return made;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  trailers: Record<string, unknown>;
  informational: number[];
  body: string;
  reset: number;
}

function ask(
  to: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string,
  trailers?: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve) => {
    const answer: Answer = { status: 0, headers: {}, trailers: {}, informational: [], body: "", reset: 0 };
    const stream = to.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
    stream.on("headers", (fields) => answer.informational.push(Number(fields[":status"])));
    stream.on("response", (fields) => Object.assign(answer, { status: Number(fields[":status"]), headers: fields }));
    stream.on("trailers", (fields) => (answer.trailers = fields));
    stream.on("data", (piece: Buffer) => (answer.body += piece.toString("latin1")));
    stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));
    stream.on("error", () => {});
    stream.on("close", () => resolve({ ...answer, reset: stream.rstCode ?? 0 }));
    if (body !== undefined) stream.end(body);
  });
}

const simple = { ":authority": "simple.example", ":path": "/" };

describe.each(["clear", "tls"] as const)("HTTP/2, %s", (kind) => {
  const authority = kind === "tls" ? "example.org" : "simple.example";
  const of = (path: string, more: Record<string, string> = {}) => ({ ":authority": authority, ":path": path, ...more });

  it("serves a request, with its headers, to a backend of HTTP/1.1", async () => {
    const { status, body, headers } = await ask(session(kind), of("/a?b=c", { cookie: "a=1", "x-y": "z" }));
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ method: "GET", path: "/a?b=c", host: authority, headers: { "x-y": "z" } });
    expect(JSON.parse(body).headers["x-forwarded-proto"]).toBe(kind === "tls" ? "https" : "http");
    expect(headers["connection"]).toBeUndefined();
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  it("many at once on one connection, with bodies", async () => {
    const one = session(kind);
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, index) => ask(one, of("/", { ":method": "POST" }), "b".repeat(index * 1000))),
    );
    expect(all.map(({ body }) => JSON.parse(body).body.length)).toEqual(all.map((_, index) => index * 1000));
  });

  it("large bodies both ways", async () => {
    const one = session(kind);
    const sent = await ask(one, of("/", { ":method": "PUT" }), "c".repeat(1_000_000));
    expect(JSON.parse(sent.body).body.length).toBe(1_000_000);
    expect((await ask(one, of("/?bytes=2000000"))).body.length).toBe(2_000_000);
  });

  it("HEAD and 204 have no body", async () => {
    const one = session(kind);
    const head = await ask(one, of("/?bytes=1000", { ":method": "HEAD" }));
    expect([head.status, head.headers["content-length"], head.body]).toEqual([200, "1000", ""]);
    expect((await ask(one, of("/?status=204"))).status).toBe(204);
  });

  it("205 has no content, whatever a backend sent", async () => {
    const one = session(kind);
    for (const path of ["/?status=205", "/?status=205&bytes=100000"]) {
      const { status, headers, body } = await ask(one, of(path));
      expect([status, headers["content-length"], body]).toEqual([205, "0", ""]);
    }
  });
});

describe("HTTP/2", () => {
  it("by ALPN only where the client offers it", async () => {
    const negotiated = (protocols: string[]): Promise<string | false | null> =>
      new Promise((resolve, reject) => {
        const options = { servername: "example.org", rejectUnauthorized: false, ALPNProtocols: protocols };
        const socket = connectTls({ host: "127.0.0.1", port: site.ports.https, ...options }, () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    expect(await negotiated(["h2", "http/1.1"])).toBe("h2");
    expect(await negotiated(["http/1.1"])).toBe("http/1.1");
  });

  it("a request for another listener's host is misdirected", async () => {
    const one = session("tls");
    expect((await ask(one, { ":authority": "second-example.org", ":path": "/" })).status).toBe(421);
    expect((await ask(one, { ":authority": "example.org", ":path": "/" })).status).toBe(200);
  });

  it("no route is 404, and the connection goes on", async () => {
    const one = session("clear");
    expect((await ask(one, { ":authority": "nowhere.test", ":path": "/" })).status).toBe(404);
    expect((await ask(one, simple)).status).toBe(200);
  });

  it.each([
    ["Host is another than :authority", { ...simple, host: "other.example" }],
    ["a port that none is", { ...simple, ":authority": "simple.example:65536" }],
    ["a path with a fragment", { ...simple, ":path": "/a#b" }],
    ["a method in lower case", { ...simple, ":method": "get" }],
    ["a dot segment", { ...simple, ":path": "/a/%2e%2e/b" }],
  ])("%s is refused with 400", async (_name, headers) => {
    expect((await ask(session("clear"), headers)).status).toBe(400);
  });

  it("an authority with a user ends its stream", async () => {
    const { status, reset } = await ask(session("clear"), { ":authority": "me@simple.example", ":path": "/" });
    expect([status, reset]).toEqual([0, constants.NGHTTP2_PROTOCOL_ERROR]);
  });

  it("informational responses, 100-continue and trailers", async () => {
    const one = session("clear");
    const of = (path: string) => ({ ":authority": "protocols.example", ":path": path, ":method": "POST" });
    expect((await ask(one, of("/hints"), "x")).informational).toContain(103);
    const { body, trailers } = await ask(one, of("/trailers"), "hello", { "x-check": "123" });
    expect(JSON.parse(body)).toEqual({ body: "hello", trailers: { "x-check": "123" } });
    expect(trailers["x-sum"]).toBe("abc");
  });

  it("a backend's trailers that have no place there are left out, and end nothing", async () => {
    const one = session("clear");
    const { status, headers, body, trailers } = await ask(one, {
      ":authority": "protocols.example",
      ":path": "/odd-trailers",
    });
    expect([status, headers["content-type"], body]).toEqual([200, "a/b", "odd"]);
    expect(Object.entries(trailers)).toEqual([["x-sum", "one, two"]]);
    expect((await ask(one, simple)).status).toBe(200);
  });

  it("a response that breaks resets its stream, and only that", async () => {
    const one = session("clear");
    const broken = await ask(one, { ":authority": "timeout.example", ":path": "/request?stall=600" });
    expect([broken.status, broken.reset]).toEqual([200, constants.NGHTTP2_INTERNAL_ERROR]);
    expect((await ask(one, simple)).status).toBe(200);
  });

  it("a client that resets its stream frees the backend, and the connection goes on", async () => {
    const one = session("clear");
    const stream = one.request({ ...simple, ":path": "/?delay=60000" });
    stream.on("error", () => {});
    const underWay = async () => /^bandstand_requests_in_flight (\d+)$/m.exec(await site.gateway.metrics())?.[1];
    await expect.poll(underWay, { timeout: 20_000 }).toBe("1");
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(underWay, { timeout: 20_000 }).toBe("0");
    expect((await ask(one, simple)).status).toBe(200);
  });

  it("a flood of resets ends the connection, and others are served", async () => {
    const one = session("clear");
    const other = session("clear");
    const ended = new Promise((resolve) => one.on("close", resolve));
    const flood = async (): Promise<void> => {
      for (let count = 0; count < 5000 && !one.destroyed && !one.closed; count++) {
        const stream = one.request({ ...simple, ":path": "/?delay=1000" });
        stream.on("error", () => {});
        stream.close(constants.NGHTTP2_CANCEL);
        if (count % 50 === 0) await sleep(1);
      }
    };
    await Promise.race([flood(), ended]);
    await ended;
    expect(one.destroyed).toBe(true);
    expect((await ask(other, simple)).status).toBe(200);
  });

  it("WebSocket through extended CONNECT (RFC 8441)", async () => {
    const one = session("clear");
    await new Promise((resolve) => one.once("remoteSettings", resolve));
    const stream = one.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "http",
      ":authority": "protocols.example",
      ":path": "/",
      "sec-websocket-version": "13",
    });
    let text = "";
    stream.on("data", (piece: Buffer) => (text += piece.toString()));
    const status = await new Promise((resolve) => stream.on("response", (fields) => resolve(fields[":status"])));
    expect(status).toBe(200);
    stream.write("ping");
    await expect.poll(() => text, { timeout: 20_000 }).toBe("hello ;ping");
    expect(text).toBe("hello ;ping");
    stream.end();
    await new Promise((resolve) => stream.on("close", resolve));
  });

  it("the preface in small pieces", async () => {
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    const answer = await exchangeRaw(site.ports.http, [preface.slice(0, 5), 20, preface.slice(5), 20, settings], 100);
    // A SETTINGS frame comes back first.
    expect(answer.charCodeAt(3)).toBe(4);
  });
});

describe("HTTPRouteBackendProtocolH2C", () => {
  const of = (path: string, more = {}) => ({ host: "protocols.example", path: `/h2c${path}`, ...more });

  it("requests of HTTP/1.1 reach a backend of HTTP/2", async () => {
    const { status, body } = await site.ask(of("/a?b=c", { headers: { "X-Y": "z", TE: "trailers, gzip" } }));
    expect(status).toBe(200);
    expect(JSON.parse(body).headers).toMatchObject({
      ":path": "/h2c/a?b=c",
      ":authority": "protocols.example",
      "x-y": "z",
      te: "trailers",
    });
  });

  it("bodies go there, small and large, many at once", async () => {
    const sizes = Array.from({ length: 40 }, (_, index) => index * 5000);
    const replies = await Promise.all(
      sizes.map((size) => site.ask(of("/", { method: "POST", body: "d".repeat(size) }))),
    );
    expect(replies.map(({ body }) => JSON.parse(body).body.length)).toEqual(sizes);
  });

  it("trailers go through from end to end, as gRPC needs them", async () => {
    const one = session("clear");
    const headers = { ":authority": "protocols.example", ":path": "/h2c/grpc", ":method": "POST", te: "trailers" };
    const { body, trailers } = await ask(one, headers, "message", { "x-check": "1" });
    expect(JSON.parse(body)).toMatchObject({ body: "message", trailers: { "x-check": "1" } });
    expect(trailers["grpc-status"]).toBe("0");
  });

  it("a client's trailers that have no place there are left out, and end nothing", async () => {
    const head = "POST /h2c/grpc HTTP/1.1\r\nHost: protocols.example\r\nTransfer-Encoding: chunked\r\n";
    const trailers = "HTTP2-Settings: AAMAAABk\r\nX-Check: 1\r\nX-Check: 2\r\n";
    const lines = "Content-Type: a/b\r\nContent-Type: c/d\r\nConnection: close\r\n\r\n";
    const answer = await exchangeRaw(site.ports.http, [`${head}${lines}1\r\nm\r\n0\r\n${trailers}\r\n`], 1000);
    expect(answer).toContain('"trailers":{"x-check":"1, 2"}');
    expect(answer).toContain("grpc-status: 0");
  });

  it("messages of gRPC go both ways at once, and its status comes last", async () => {
    const path = "/h2c/bidirectional.Echo/Talk";
    const headers = { ":authority": "protocols.example", ":path": path, ":method": "POST", te: "trailers" };
    const stream = session("clear").request({ ...headers, "content-type": "application/grpc" });
    let text = "";
    let trailers: Record<string, unknown> = {};
    stream.on("data", (piece: Buffer) => (text += piece.toString("latin1")));
    stream.on("trailers", (fields) => (trailers = fields));
    for (const message of ["first", "second", "third"]) {
      const wanted = text + message;
      stream.write(message);
      // The next one only when this one came back: nothing waits for the end of either side.
      await expect.poll(() => text, { timeout: 20_000 }).toBe(wanted);
      expect(text).toBe(wanted);
    }
    stream.end();
    await new Promise((resolve) => stream.on("close", resolve));
    expect(trailers).toMatchObject({ "grpc-status": "0", "grpc-message": "done" });
  });

  it("an error of gRPC has its status in the head", async () => {
    const headers = { ":authority": "protocols.example", ":path": "/h2c/trailers-only", ":method": "POST" };
    const { status, headers: answered, body } = await ask(session("clear"), headers, "x");
    expect([status, answered["grpc-status"], answered["content-type"], body]).toEqual([
      200,
      "5",
      "application/grpc",
      "",
    ]);
  });

  it("a stream that the backend refuses is sent again", async () => {
    for (let turn = 0; turn < 3; turn++) expect((await site.ask(of("/flaky"))).status).toBe(200);
  });

  it("informational responses pass", async () => {
    const { informational } = await ask(session("clear"), { ":authority": "protocols.example", ":path": "/h2c/hints" });
    expect(informational).toContain(103);
  });

  it("informational responses without end do not", async () => {
    const head = "GET /h2c/endless HTTP/1.1\r\nHost: protocols.example\r\nConnection: close\r\n\r\n";
    const answer = await exchangeRaw(site.ports.http, [head], 3000);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([...Array(32).fill("HTTP/1.1 103"), "HTTP/1.1 502"]);
  });

  it("one that does not answer in time: 504; that is not there: 503; that answers nonsense: 502; TLS is not served: 500", async () => {
    expect((await site.ask(of("-timed/never"))).status).toBe(504);
    expect((await site.ask(of("-closed"))).status).toBe(503);
    expect((await site.ask({ host: "protocols.example", path: "/over-tls" })).status).toBe(500);
    expect((await site.ask(of("/unreadable"))).status).toBe(502);
  });
});
