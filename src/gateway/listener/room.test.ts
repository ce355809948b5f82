import { afterEach, describe, expect, it } from "vitest";
import { exchangeRaw } from "./http1/raw-client.ts";
import { Http1Server, type Http1ServerOptions } from "./http1/server.ts";
import { connectionBytes, connectionsFor, Room } from "./room.ts";

it("leaves files for everything that is no client's connection", () => {
  expect(connectionsFor(2, 20_000)).toBe(6000);
  expect(connectionsFor(1, 1024)).toBe(614);
  expect(connectionsFor(4, 256)).toBe(64);
  expect(connectionsFor(2, 1_048_576)).toBe(20_000);
  expect(connectionsFor(2)).toBeGreaterThan(63);
});

it("asks who has the most for room first, and then the others", () => {
  const room = new Room(5, Number.POSITIVE_INFINITY);
  const asked: string[] = [];
  const user = (name: string, held: number, gives: boolean) => ({
    held,
    each: 1,
    makeRoom: () => (asked.push(name), gives),
  });
  const few = user("few", 1, true);
  room.enter(few);
  room.enter(user("many", 3, false));
  expect([room.admits(), asked]).toEqual([true, []]);
  room.enter(user("more", 4, false));
  expect([room.admits(), asked]).toEqual([true, ["more", "many", "few"]]);
  room.leave(few);
  expect(room.admits()).toBe(false);
});

it("counts what connections hold too, and then asks who holds the most", () => {
  const asked: string[] = [];
  const user = (name: string, held: number, each: number) => ({
    held,
    each,
    makeRoom: () => (asked.push(name), true),
  });
  const room = new Room(10, 100);
  room.enter(user("many", 6, 1));
  expect([room.admits(), asked]).toEqual([true, []]);
  room.enter(user("large", 2, 48));
  expect([room.admits(), asked]).toEqual([true, ["large"]]);
  expect(connectionBytes(2, 1024 ** 3)).toBe(128 * 1024 ** 2);
  expect(connectionBytes(8, 64 * 1024 ** 2)).toBe(8 * 1024 ** 2);
});

describe("a server", () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

  const fine = () => ({ status: 200, headers: [], body: "fine" });
  const get = (target: string, ...headers: string[]) =>
    `GET ${target} HTTP/1.1\r\n${["Host: a", ...headers].join("\r\n")}\r\n\r\n`;

  async function serve(handle: Http1ServerOptions["handle"], room: Room) {
    const server = new Http1Server({
      address: "127.0.0.1",
      port: 0,
      reusePort: false,
      room,
      handle,
      refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
      broke: () => {},
    });
    cleanups.push(() => server.close());
    return { port: await server.open(), server };
  }

  it("has so many connections at once and no more; those that ended do not count", async () => {
    const slow: Http1ServerOptions["handle"] = async (request) => {
      await new Promise((resolve) => setTimeout(resolve, request.target === "/slow" ? 300 : 0));
      return fine();
    };
    const { port, server } = await serve(slow, new Room(2, Number.POSITIVE_INFINITY));
    for (let turn = 0; turn < 5; turn++) {
      expect(await exchangeRaw(port, [get("/", "Connection: close")])).toContain("200 OK");
    }
    const held = [0, 1].map(() => exchangeRaw(port, [get("/slow", "Connection: close")], 2000));
    await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(2);
    expect(await exchangeRaw(port, [get("/")])).not.toContain("HTTP/1.1");
    expect(server.refused).toBe(1);
    for (const answer of await Promise.all(held)) expect(answer).toContain("200 OK");
  });

  it("closes the oldest connection without a request for a new one, where there are too many", async () => {
    const { port, server } = await serve(fine, new Room(3, Number.POSITIVE_INFINITY));
    const old = exchangeRaw(port, ["GET / HTTP/1.1\r\n"], 2000);
    await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(1);
    const idle = exchangeRaw(port, [get("/")], 400);
    const preface = exchangeRaw(port, ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"], 2000);
    await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(3);
    expect(await exchangeRaw(port, [get("/", "Connection: close")])).toContain("200 OK");
    expect(await old).toBe("<closed>");
    expect(await idle).toMatch(/200 OK.*(?<!<closed>)$/s);
    const flood = Array.from({ length: 20 }, () => exchangeRaw(port, [], 2000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await exchangeRaw(port, [get("/", "Connection: close")])).toContain("200 OK");
    expect(server.refused).toBe(0);
    expect(server.connections).toBeLessThanOrEqual(3);
    await Promise.all([...flood, preface]);
  });
});
