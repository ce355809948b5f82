import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { DirectWire } from "./direct.ts";
import { draft } from "./draft.ts";
import { handleOf, mayWriteBytes, mayWriteText } from "./handle.ts";
import { turn } from "./turn.ts";
import { PlainWire, type Wire } from "./wire.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

/** A connection: our end, and the other one, which reads nothing yet. */
async function connection(): Promise<{ own: Socket; other: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const own = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [[other]] = (await Promise.all([once(server, "connection"), once(own, "connect")])) as [[Socket], unknown];
  cleanups.push(() => (own.destroy(), other.destroy(), server.close()));
  for (const socket of [own, other]) socket.on("error", () => {});
  return { own, other };
}

async function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

const drivers: [string, (socket: Socket) => Wire][] = [
  ["below the socket", (socket) => new DirectWire(socket)],
  [
    "at the end of the turn",
    (socket) => {
      turn.waits = true;
      return new DirectWire(socket);
    },
  ],
  ["through the socket", (socket) => new PlainWire(socket)],
];

describe.each(drivers)("what is written %s", (_name, wireOf) => {
  it("arrives in order, whatever way it takes", async () => {
    const { own, other } = await connection();
    const wire = wireOf(own);
    let wanted = "";
    for (let index = 0; index < 200; index++) {
      const text = `${index}: \xe4\xff `;
      const large = Buffer.alloc(index % 7 === 0 ? 40_000 : 10, index);
      wire.text(text);
      wire.bytes(large);
      wire.both("<", large, ">");
      draft.begin(index % 3 === 0 ? 100_000 : 100);
      draft.text(`[${index}`);
      draft.bytes(large, 0, index % 3 === 0 ? large.length : 3);
      wire.draft(draft);
      own.write("through", "latin1");
      const piece = large.toString("latin1");
      const drafted = index % 3 === 0 ? piece : piece.slice(0, 3);
      wanted += `${text}${piece}<${piece}>[${index}${drafted}through`;
    }
    own.end();
    expect((await all(other)) === wanted).toBe(true);
  });

  it("stops where the other side is behind, and goes on when it has caught up", async () => {
    const { own, other } = await connection();
    const wire = wireOf(own);
    const piece = "x".repeat(100_000);
    // The kernel takes a lot before it says no.
    let count = 1;
    while (wire.text(piece)) count++;
    expect(own.writableNeedDrain).toBe(true);
    wire.text("the end");
    const drained = once(own, "drain");
    const read = all(other);
    await drained;
    expect(own.writableLength).toBe(0);
    own.end();
    expect((await read).length).toBe(count * piece.length + 7);
  });

  it("stays what it was when it waits, whatever is written next", async () => {
    const { own, other } = await connection();
    const wire = wireOf(own);
    let wanted = "";
    for (let index = 0; !own.writableNeedDrain; index++) {
      const text = `${index}`.repeat(1000);
      wanted += text;
      draft.begin(text.length);
      draft.text(text);
      wire.draft(draft);
    }
    draft.begin(10);
    draft.text("another's");
    expect((own.end(), await all(other)) === wanted).toBe(true);
  });

  it("is not cut off by the end of our side", async () => {
    const { own, other } = await connection();
    const wire = wireOf(own);
    const piece = Buffer.alloc(200_000, 1);
    let count = 1;
    while (wire.bytes(piece)) count++;
    own.end();
    await sleep(50);
    expect(own.writableFinished).toBe(false);
    expect((await all(other)).length).toBe(count * piece.length);
  });

  it("does nothing but break the socket when the other side is gone", async () => {
    const { own, other } = await connection();
    const wire = wireOf(own);
    const closed = new Promise((resolve) => own.once("close", resolve));
    const failed: string[] = [];
    own.on("error", (error: NodeJS.ErrnoException) => failed.push(error.code ?? ""));
    other.resetAndDestroy();
    for (let count = 0; count < 100 && !own.destroyed; count++) {
      wire.text("x");
      await sleep(5);
    }
    await closed;
    expect(["EPIPE", "ECONNRESET"]).toContain(failed[0]);
    wire.text("nobody");
    wire.bytes(Buffer.from("hears it"));
  });

  it("that still waits goes with its socket", async () => {
    const { own } = await connection();
    const wire = wireOf(own);
    while (wire.text("x".repeat(100_000)));
    const closed = once(own, "close");
    own.destroy();
    await closed;
    expect(wire.text("nobody")).toBe(false);
  });
});

describe("messages that wait for the end of the turn", () => {
  const say = (wire: Wire, text: string): void => {
    draft.begin(text.length);
    draft.text(text);
    wire.draft(draft);
  };

  it("go out before our side ends, and before a socket that is given up", async () => {
    for (const end of [
      (own: Socket) => own.end(),
      (own: Socket) => own.destroy(),
      (own: Socket) => own.destroySoon(),
    ]) {
      const { own, other } = await connection();
      const wire = new DirectWire(own);
      say(wire, "a");
      turn.waits = true;
      say(wire, "b");
      end(own);
      say(wire, "nothing more");
      expect(await all(other)).toBe("ab");
    }
  });

  it("do not wait for the end of what is told to last long, and go out in order", async () => {
    const { own, other } = await connection();
    const wire = new DirectWire(own);
    turn.waits = true;
    const read = once(other.resume(), "data");
    say(wire, "first ");
    say(wire, "second ");
    // Guests that are quick keep nobody waiting; those that take long together do.
    turn.beforeGuest(10);
    turn.beforeGuest(10.2);
    expect(turn.used).toBeGreaterThan(0);
    turn.beforeGuest(10.5);
    expect(turn.used).toBe(0);
    for (const until = performance.now() + 50; performance.now() < until;);
    expect(String((await read)[0])).toBe("first second ");
  });

  it("do not wait for guests that go on behind each other for long", async () => {
    const { own, other } = await connection();
    other.resume();
    const wire = new DirectWire(own);
    turn.waits = true;
    const answerAt = (now: number): void => {
      turn.afterGuest(now);
      say(wire, "x");
    };
    for (const now of [10, 10.1, 10.2]) answerAt(now);
    expect(turn.used).toBe(3);
    answerAt(10.4);
    // Those before it went out, and it waits alone.
    expect(turn.used).toBe(1);
    answerAt(10.5);
    expect(turn.used).toBe(2);
    answerAt(10.8);
    expect(turn.used).toBe(1);
  });

  it("wait only while turns have many of them", async () => {
    const { own, other } = await connection();
    other.resume();
    const wire = new DirectWire(own);
    turn.waits = false;
    for (let count = 0; count < 200; count++) say(wire, "x");
    await sleep(1);
    expect(turn.waits).toBe(true);
    say(wire, "alone");
    await sleep(1);
    expect(turn.waits).toBe(false);
  });
});

describe("the handle below a socket", () => {
  it("is called as this Node calls it", async () => {
    const { own } = await connection();
    expect(handleOf(own)).toBeDefined();
    // Learned above, from what Node did itself: where it did otherwise, all goes through the socket.
    expect(mayWriteText()).toBe(true);
    expect(mayWriteBytes()).toBe(true);
  });
});
