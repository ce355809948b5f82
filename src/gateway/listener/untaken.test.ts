import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Http1Server } from "./http1/server.ts";
import { Untaken, untakenBytes } from "./untaken.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

it("is a part of the memory that there is", () => {
  expect(untakenBytes(2, 8 * 2 ** 30)).toBe(512 * 2 ** 20);
  expect(untakenBytes(2, 2 ** 30)).toBe(64 * 2 ** 20);
  expect(untakenBytes(4, 2 ** 28)).toBe(32 * 2 ** 20);
  expect(untakenBytes(1)).toBeGreaterThan(0);
});

it("ends whoever has stood still longest, where all together are too much", () => {
  const untaken = new Untaken(100);
  const ended: string[] = [];
  const holding = (name: string) => ({ held: undefined, giveUp: () => void ended.push(name) });
  const [one, two, three] = ["one", "two", "three"].map(holding) as [
    ReturnType<typeof holding>,
    ReturnType<typeof holding>,
    ReturnType<typeof holding>,
  ];
  untaken.hold(one, 40);
  untaken.hold(two, 40);
  // It moved, and stands still again.
  untaken.hold(one, 40);
  untaken.hold(three, 40);
  expect(ended).toEqual(["two"]);
  untaken.release(one);
  untaken.release(one);
  untaken.hold(holding("four"), 60);
  expect(ended).toEqual(["two"]);
  // One alone may have more than all.
  untaken.hold(one, 1000);
  expect(ended).toEqual(["two", "three", "four"]);
});

describe("a server", () => {
  async function serve(untaken: Untaken): Promise<number> {
    const server = new Http1Server({
      address: "127.0.0.1",
      port: 0,
      reusePort: false,
      untaken,
      handle: ({ target }) => ({ status: 200, headers: [], body: Buffer.alloc(target === "/small" ? 10 : 30_000_000) }),
      refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
      broke: () => {},
    });
    cleanups.push(() => server.close());
    return server.open();
  }

  it("resets streams whose answers nobody takes, the oldest first", async () => {
    const port = await serve(new Untaken(70_000_000));
    const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
    cleanups.push(() => session.destroy());
    const ended: string[] = [];
    for (const name of ["first", "second", "third"]) {
      const stream = session.request({ ":path": "/" });
      stream.on("error", () => {}).on("close", () => ended.push(`${name} ${stream.rstCode}`));
      stream.resume();
    }
    // ENHANCE_YOUR_CALM
    await expect.poll(() => ended, { timeout: 20_000 }).toEqual(["first 11"]);
  });

  it("ends connections that take nothing, and no others", async () => {
    const port = await serve(new Untaken(40_000));
    const ended: string[] = [];
    const ask = (name: string, target: string, reads: boolean): void => {
      const socket = connect({ port, host: "127.0.0.1" });
      cleanups.push(() => socket.destroy());
      socket.on("error", () => {}).on("close", () => ended.push(name));
      if (reads) socket.resume();
      else socket.pause();
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      // Without reading nobody sees the end; writing does.
      if (!reads) setInterval(() => socket.destroyed || socket.write("\r\n"), 50).unref();
    };
    ask("small", "/small", true);
    for (const name of ["first", "second", "third"]) ask(name, "/large", false);
    await vi.waitFor(() => expect(ended.length).toBe(2), 5000);
    expect(ended).not.toContain("small");
  });
});
