import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { isStream } from "../../src/foundation/http/index.ts";
import { exchangeRaw } from "../../src/gateway/listener/http1/raw-client.ts";
import { Http1Server, type Http1ServerOptions } from "../../src/gateway/listener/http1/server.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

/** Bytes of answers and bodies that handlers made and took: what an attack may make a server hold. */
const work = { made: 0, handled: 0, under: 0, most: 0 };

async function serve(options: Partial<Http1ServerOptions> = {}): Promise<{ port: number; server: Http1Server }> {
  Object.assign(work, { made: 0, handled: 0, under: 0, most: 0 });
  const server = new Http1Server({
    address: "127.0.0.1",
    port: 0,
    reusePort: false,
    limits: { headTimeout: 600, stallTimeout: 600, idleTimeout: 600 },
    async handle(request, exchange) {
      work.handled++;
      work.most = Math.max(work.most, ++work.under);
      exchange.onAbort(() => work.under--);
      const { body } = request;
      if (isStream(body)) while ((await body.read()) !== undefined);
      if (request.target === "/wait") return new Promise(() => {});
      work.under--;
      if (request.target !== "/large") return { status: 200, headers: [], body: "fine" };
      work.made += 100_000;
      return { status: 200, headers: [], body: Buffer.alloc(100_000) };
    },
    refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
    broke: () => {},
    ...options,
  });
  cleanups.push(() => server.close());
  return { port: await server.open(), server };
}

interface Attack {
  name: string;
  /** Sent first. */
  begin: string;
  /** Sent again and again. */
  again: string;
  /** Milliseconds between two of them; none: as fast as the connection takes them. */
  pause?: number;
  /** Does not read answers. */
  deaf?: boolean;
  /** What comes back before the end. */
  answer?: RegExp;
}

const post = "POST / HTTP/1.1\r\nHost: a\r\n";
const attacks: Attack[] = [
  { name: "slow heads", begin: "GET / HTTP/1.1\r\nHost: a\r\n", again: "X", pause: 50, answer: / 408 / },
  { name: "slow names of headers", begin: "GET / HTTP/1.1\r\n", again: "x: y\r\n", pause: 50, answer: / 408 / },
  { name: "bodies that stop", begin: `${post}Content-Length: 100\r\n\r\nx`, again: "", pause: 50, answer: / 408 / },
  { name: "chunks that stop", begin: `${post}Transfer-Encoding: chunked\r\n\r\n5\r\nx`, again: "", pause: 50 },
  { name: "nothing at all", begin: "", again: "", pause: 50 },
  { name: "empty lines without end", begin: "", again: "\r\n".repeat(1000), pause: 5 },
  {
    name: "100,000 headers",
    begin: "GET / HTTP/1.1\r\nHost: a\r\n",
    again: "x: y\r\n".repeat(10_000),
    answer: / 431 /,
  },
  { name: "a header without end", begin: "GET / HTTP/1.1\r\nX: ", again: "a".repeat(65_536), answer: / 431 / },
  { name: "a target without end", begin: "GET /", again: "a".repeat(65_536), answer: / 431 / },
  {
    name: "a chunk extension without end",
    begin: `${post}Transfer-Encoding: chunked\r\n\r\n1;`,
    again: "a".repeat(65_536),
    answer: / 400 /,
  },
  {
    name: "chunk extensions without end",
    begin: `${post}Transfer-Encoding: chunked\r\n\r\n`,
    again: `1;${"a".repeat(200)}\r\nx\r\n`.repeat(100),
    answer: / 400 /,
  },
  {
    name: "trailers without end",
    begin: `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n`,
    again: "x: y\r\n".repeat(1000),
    answer: / 400 /,
  },
  {
    name: "a size of zeros",
    begin: `${post}Transfer-Encoding: chunked\r\n\r\n`,
    again: "0".repeat(1000),
    answer: / 400 /,
  },
  {
    name: "requests whose answers nobody reads",
    begin: "",
    again: "GET /large HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100),
    deaf: true,
  },
];

/** Ends with the connection. */
function attack(
  port: number,
  { begin, again, pause, deaf = false }: Attack,
): { over: Promise<string>; socket: Socket } {
  const socket = connect({ port, host: "127.0.0.1" });
  cleanups.push(() => socket.destroy());
  let text = "";
  if (deaf) socket.pause();
  else socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.on("error", () => {});
  const over = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  const run = async (): Promise<void> => {
    socket.write(begin, "latin1");
    while (!socket.destroyed) {
      const room = again === "" || socket.write(again, "latin1");
      if (pause !== undefined) await sleep(pause);
      else if (!room) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), over]);
    }
  };
  void run();
  return { over, socket };
}

const limit = 150e6;
/** Of the whole process, whose collector takes its time: what is unbounded takes gigabytes. */
const growth = 600e6;

describe("attacks by HTTP/1.1 end, cost little, and leave others alone", () => {
  it.each(attacks)("$name", async (row) => {
    const { port, server } = await serve();
    const before = process.memoryUsage.rss();
    const running = Array.from({ length: 20 }, () => attack(port, row));
    for (let turn = 0; turn < 5; turn++) {
      expect(await exchangeRaw(port, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], 5000)).toMatch(
        /fine<closed>$/,
      );
    }
    await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(0);
    expect(work.made).toBeLessThan(limit);
    // Who does not read does not see the end.
    if (!row.deaf) {
      const texts = await Promise.all(running.map(({ over }) => over));
      // Where bytes were on their way a reset may overtake the answer.
      if (row.answer !== undefined) expect(texts.some((text) => row.answer?.test(text))).toBe(true);
    }
    expect(server.connections).toBe(0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(growth);
  });
});

describe("attacks by HTTP/2 end, cost little, and leave others alone", () => {
  const others = async (port: number): Promise<void> => {
    expect(await exchangeRaw(port, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], 5000)).toMatch(
      /fine<closed>$/,
    );
  };
  /** A frame: type, flags, stream, payload. */
  const frame = (type: number, flags: number, stream: number, payload: number[] = []): Buffer => {
    const head = [0, payload.length >> 8, payload.length & 255, type, flags, 0, 0, stream >> 8, stream & 255];
    return Buffer.from([...head, ...payload]);
  };
  /** GET / of http, by index of the static table; then `:authority: a`. */
  const headers = [0x82, 0x86, 0x04, 5, ...Buffer.from("/wait"), 0x41, 1, 0x61];

  /** Sends frames for up to 500 streams, or until the server closes. */
  async function streams(port: number, framesOf: (stream: number) => Buffer[]): Promise<boolean> {
    const socket = connect({ port, host: "127.0.0.1" });
    cleanups.push(() => socket.destroy());
    socket.on("error", () => {}).resume();
    let closed = false;
    socket.on("close", () => (closed = true));
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(4, 0, 0));
    for (let stream = 1; stream < 20_000 && !closed; stream += 2) {
      for (const bytes of framesOf(stream)) socket.write(bytes);
      if (stream % 100 === 1) await sleep(1);
    }
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(true);
    return closed;
  }

  it("rapid reset: requests that are taken back at once", async () => {
    const { port } = await serve();
    const closed = await streams(port, (stream) => [frame(1, 5, stream, headers), frame(3, 0, stream, [0, 0, 0, 8])]);
    expect(closed).toBe(true);
    expect(work.handled).toBeLessThan(2000);
    await others(port);
  });

  it("rapid reset in one piece: what is taken back before it was looked at is never begun", async () => {
    const { port } = await serve();
    const socket = connect({ port, host: "127.0.0.1" });
    cleanups.push(() => socket.destroy());
    socket.on("error", () => {}).resume();
    const flood = Array.from({ length: 400 }, (_, index) => index * 2 + 1).flatMap((stream) => [
      frame(1, 5, stream, headers),
      frame(3, 0, stream, [0, 0, 0, 8]),
    ]);
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(Buffer.concat([frame(4, 0, 0), ...flood]));
    await sleep(300);
    expect(work.handled).toBeLessThan(10);
    await others(port);
  });

  it("made-you-reset: requests that make the server reset them", async () => {
    const { port } = await serve();
    // A window that grows by nothing is an error of its stream (RFC 9113, section 6.9).
    await streams(port, (stream) => [frame(1, 5, stream, headers), frame(8, 0, stream, [0, 0, 0, 0])]);
    expect(work.most).toBeLessThanOrEqual(300);
    expect(work.handled).toBeLessThan(2000);
    await others(port);
  });

  it("heads whose end does not come", async () => {
    const { port, server } = await serve();
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect({ port, host: "127.0.0.1" });
      cleanups.push(() => socket.destroy());
      socket.on("error", () => {}).resume();
      socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      // END_STREAM without END_HEADERS.
      socket.write(Buffer.concat([frame(4, 0, 0), frame(1, 1, 1, headers)]));
      return socket;
    });
    await expect.poll(() => sockets.every(({ closed }) => closed), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(0);
    await others(port);
  });

  it("a window of zero for many answers", async () => {
    const { port } = await serve();
    const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
    cleanups.push(() => session.destroy());
    session.on("error", () => {});
    const ended = Array.from({ length: 100 }, () => {
      const stream = session.request({ ":path": "/large", ":authority": "a" });
      stream.on("error", () => {}).resume();
      return new Promise<number>((resolve) => stream.on("close", () => resolve(stream.rstCode ?? 0)));
    });
    await others(port);
    expect(new Set(await Promise.all(ended))).toEqual(new Set([constants.NGHTTP2_INTERNAL_ERROR]));
    expect(work.made).toBeLessThan(limit);
  });
});
