import { once } from "node:events";
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { isStream, type Body, type HttpRequest } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { Http1Server, type Http1ServerOptions } from "../http1/server.ts";
import { frame } from "./raw-frames.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

async function serve(handle: Http1ServerOptions["handle"], options: Partial<Http1ServerOptions> = {}) {
  const broke: string[] = [];
  const server = new Http1Server({
    address: "127.0.0.1",
    port: 0,
    reusePort: false,
    handle,
    refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
    broke: (error) => broke.push(error.code),
    ...options,
  });
  cleanups.push(() => server.close());
  return { port: await server.open(), server, broke };
}

function session(port: number, settings = {}): ClientHttp2Session {
  const made = connect(`http://127.0.0.1:${port}`, { settings });
  made.on("error", () => {});
  cleanups.push(() => made.destroy());
  return made;
}

function ended(stream: ClientHttp2Stream): Promise<{ status: number; body: string; code: number }> {
  return new Promise((resolve) => {
    let status = 0;
    let body = "";
    stream.on("response", (fields) => (status = Number(fields[":status"])));
    stream.on("data", (piece: Buffer) => (body += piece.toString()));
    stream.on("error", () => {});
    stream.on("close", () => resolve({ status, body, code: stream.rstCode ?? 0 }));
  });
}

const get = { ":path": "/", ":authority": "a" };

async function text(body: Body): Promise<string> {
  if (!isStream(body)) return "-";
  let all = "";
  for (let piece = await body.read(); piece !== undefined; piece = await body.read())
    all += Buffer.from(piece).toString();
  return all;
}
const echo = async (request: HttpRequest) => ({ status: 200, headers: [], body: await text(request.body) });
const patience = { limits: { stallTimeout: 150 } };

/** Sends frames until the server closes. True: it did within the time. */
async function flood(port: number, next: (index: number) => Buffer, milliseconds = 3000): Promise<boolean> {
  const socket = connectSocket({ port, host: "127.0.0.1" });
  let closed = false;
  socket.on("error", () => {});
  socket.on("close", () => (closed = true));
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.write(frame(4, 0, 0, Buffer.alloc(0)));
  // What comes back is not read: answers to a flood must not pile up either.
  const until = performance.now() + milliseconds;
  for (let index = 0; !closed && performance.now() < until; index++) {
    for (let count = 0; count < 100 && !socket.destroyed; count++) socket.write(next(index));
    await sleep(1);
  }
  socket.destroy();
  return closed;
}

describe("HTTP/2 connections", () => {
  it("a reader that takes nothing is reset in time, and its body is cancelled", async () => {
    let cancelled = false;
    const body = new BodyQueue({ onCancel: () => (cancelled = true) });
    for (let count = 0; count < 100; count++) body.push(Buffer.alloc(16_384));
    const { port, broke } = await serve(() => ({ status: 200, headers: [], body }), patience);
    const stream = session(port, { initialWindowSize: 0 }).request(get);
    expect((await ended(stream)).code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    expect(cancelled).toBe(true);
    expect(broke).toEqual(["request-too-slow"]);
  });

  it("a client that left with its windows closed is not waited for", async () => {
    let aborted: string | undefined;
    const { port, server } = await serve((_request, exchange) => {
      exchange.onAbort(({ code }) => (aborted = code));
      const body = new BodyQueue({});
      body.push(Buffer.alloc(100_000));
      return { status: 200, headers: [], body };
    });
    const client = connectSocket({ port, host: "127.0.0.1" });
    cleanups.push(() => client.destroy());
    client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.write(frame(4, 0, 0, Buffer.of(0, 4, 0, 0, 0, 0)));
    client.write(frame(1, 5, 1, Buffer.of(0x82, 0x86, 0x84, 0x41, 1, 0x61)));
    await once(client, "data");
    await sleep(30);
    expect(server.connections).toBe(1);
    // Its end, and nothing behind it: no reset comes, since nothing is written to it any more.
    client.end();
    await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(0);
    expect([server.connections, aborted]).toEqual([0, "client-gone"]);
  });

  it.each([
    ["is 408 where its length is known", { "content-length": "5000" }, 408],
    ["may be a talk where it is not", {}, 200],
  ])("a body that comes slower than the least rate %s", async (_name, fields, expected) => {
    const { port } = await serve(echo, { limits: { bodyGrace: 100, bodyRate: 500 } });
    const client = session(port);
    const stream = client.request({ ...get, ":method": "POST", ...fields }, { endStream: false });
    const trickle = setInterval(() => stream.write("x"), 20);
    const end = setTimeout(() => stream.end(), expected === 200 ? 400 : 60_000);
    stream.once("response", () => clearInterval(trickle));
    expect((await ended(stream)).status).toBe(expected);
    clearInterval(trickle);
    clearTimeout(end);
    expect(client.closed).toBe(false);
  });

  it("a body is not slow where its reader is, nor once its answer has begun", async () => {
    const { port } = await serve(
      async (request) => {
        if (request.target === "/talk") return { status: 200, headers: [], body: request.body };
        await sleep(500);
        return { status: 200, headers: [], body: String((await text(request.body)).length) };
      },
      { limits: { bodyGrace: 200, bodyRate: 1_000_000 } },
    );
    const client = session(port);
    const large = client.request({ ...get, ":method": "POST", "content-length": "600000" }, { endStream: false });
    large.end(Buffer.alloc(600_000));
    const talk = client.request(
      { ...get, ":path": "/talk", ":method": "POST", "content-length": "2" },
      { endStream: false },
    );
    talk.write("a");
    setTimeout(() => talk.end("b"), 400);
    expect(await Promise.all([ended(large), ended(talk)])).toMatchObject([
      { status: 200, body: "600000" },
      { status: 200, body: "ab" },
    ]);
  });

  it("a whole body that nobody takes is not kept", async () => {
    const { port } = await serve(() => ({ status: 200, headers: [], body: "x".repeat(100_000) }), patience);
    const stream = session(port, { initialWindowSize: 0 }).request(get);
    expect((await ended(stream)).code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  it("a body that does not come is 408, and the connection goes on", async () => {
    const { port } = await serve(echo, patience);
    const one = session(port);
    const stream = one.request({ ...get, ":method": "POST" });
    stream.write("a");
    expect((await ended(stream)).status).toBe(408);
    const next = one.request({ ...get, ":method": "POST" });
    next.end("hello");
    expect(await ended(next)).toEqual({ status: 200, body: "hello", code: 0 });
  });

  it("a slow backend is not the client's fault", async () => {
    const slow = async () => {
      await sleep(400);
      return { status: 200, headers: [], body: "late" };
    };
    const { port } = await serve(slow, patience);
    expect((await ended(session(port).request(get))).body).toBe("late");
  });

  it("too many headers end the stream", async () => {
    const { port } = await serve(echo);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x-${index}`, "y"]));
    const { status, code } = await ended(session(port).request({ ...get, ...many }));
    expect(status === 431 || code !== 0).toBe(true);
  });

  it("draining lets requests end and takes no new ones", async () => {
    const arrived = Promise.withResolvers<void>();
    const slow = async () => {
      arrived.resolve();
      await sleep(200);
      return { status: 200, headers: [], body: "done" };
    };
    const { port, server } = await serve(slow);
    const one = session(port);
    let goaway: number | undefined;
    one.on("goaway", (code) => (goaway = code));
    const under = ended(one.request(get));
    await arrived.promise;
    const drained = server.drain(2000);
    expect((await under).body).toBe("done");
    expect(goaway).toBe(constants.NGHTTP2_NO_ERROR);
    await drained;
    expect(server.connections).toBe(0);
  });

  it.each([
    ["settings", () => frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))],
    ["pings", () => frame(6, 0, 0, Buffer.alloc(8))],
    [
      "continuations",
      (index: number) => (index === 0 ? frame(1, 0, 1, Buffer.alloc(0)) : frame(9, 0, 1, Buffer.alloc(1000))),
    ],
    [
      "empty data",
      (index: number) =>
        index === 0 ? frame(1, 4, 1, Buffer.from([0x82, 0x86, 0x84])) : frame(0, 0, 1, Buffer.alloc(0)),
    ],
  ])("a flood of %s ends its connection or costs nothing, and others are served", async (_name, next) => {
    const { port } = await serve(echo);
    const before = process.memoryUsage.rss();
    const flooding = flood(port, next, 800);
    const one = session(port);
    const stream = one.request({ ...get, ":method": "POST" });
    stream.end("hello");
    expect((await ended(stream)).body).toBe("hello");
    await flooding;
    expect(process.memoryUsage.rss() - before).toBeLessThan(150e6);
  });
});
