import { describe, expect, it } from "vitest";
import type { BodySink } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { usualCounts } from "../../../model/plan/index.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { Content } from "../http/content.ts";
import { highWater } from "../limits.ts";
import { GuestMemory } from "../memory.ts";
import { InputStream, io, OutputStream, StreamSource } from "./index.ts";

const result = 64;
const all = -1n;

/** A guest that lets a body that comes in go out again, to a client that has room or not. */
function guestBetween({ isBody = true }: { isBody?: boolean } = {}) {
  const scope = new ComponentScope({ limits: usualCounts } as never, { config: new Map(), logger: {} } as never);
  const guest = new Guest(scope);
  guest.entry = "waiting";
  const memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 1 }), realloc: undefined });
  const queue = new BodyQueue({});
  const content = new Content(undefined, { notify: () => guest.notify(), wrote: () => {} });
  const source = new StreamSource(queue, () => guest.notify());
  const from = guest.handles.add(new InputStream(source, isBody));
  const to = guest.handles.add(new OutputStream(content, isBody));
  const seen: string[] = [];
  const client: BodySink & { rooms: boolean[] } = {
    rooms: [],
    take(piece, last) {
      seen.push(`${piece?.toString() ?? ""}${last ? "." : ""}`);
      return client.rooms.shift() ?? true;
    },
    fail: (error) => void seen.push(String(error)),
  };
  const call = (name: string, limit: bigint): unknown =>
    io["wasi:io/streams"]!.functions[`[method]output-stream.${name}`]!.bind(
      guest,
      memory,
    )(...([to, from, limit, result] as never[]));
  /** Bytes that were moved, or how it failed. */
  const answer = (): number | "closed" | "failed" => {
    const { view } = memory;
    if (view.getUint8(result) === 0) return Number(view.getBigUint64(result + 8, true));
    return view.getUint8(result + 8) === 1 ? "closed" : "failed";
  };
  return { guest, queue, content, client, seen, call, answer };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("blocking-splice of all of a body", () => {
  it("comes back once, at its end, with what came until then", async () => {
    const { queue, content, client, seen, call, answer } = guestBetween();
    content.flow(client);
    queue.push(Buffer.from("one"));
    const done = call("blocking-splice", all) as Promise<void>;
    let isBack = false;
    void done.then(() => (isBack = true));
    for (const piece of ["two", "three"]) {
      await turn();
      queue.pushLent(Buffer.from(piece), false);
    }
    await turn();
    expect([seen, isBack]).toEqual([["one", "two", "three"], false]);
    queue.end();
    await done;
    expect(answer()).toBe("onetwothree".length);
    expect([call("blocking-splice", all), answer()]).toEqual([undefined, "closed"]);
  });

  it("waits for its reader, and holds no more than it may meanwhile", async () => {
    const { queue, content, client, seen, call, answer } = guestBetween();
    const done = call("blocking-splice", all) as Promise<void>;
    const piece = Buffer.alloc(50_000, "x");
    for (let count = 0; count < 6; count++) {
      queue.pushLent(piece, count === 5);
      await turn();
    }
    expect(content.room()).toBe(0);
    client.rooms = [true, false];
    content.flow(client);
    await turn();
    expect(seen.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(highWater);
    content.goOn();
    await done;
    content.finish(undefined);
    expect([answer(), seen.join("").length, seen.at(-1)]).toEqual([300_000, 300_001, "."]);
  });

  it("that breaks tells what was moved, and then why no more comes", async () => {
    const { queue, content, client, call, answer } = guestBetween();
    content.flow(client);
    queue.push(Buffer.from("one"));
    const done = call("blocking-splice", all) as Promise<void>;
    await turn();
    queue.fail(new Error("broken"));
    await done;
    expect(answer()).toBe(3);
    call("blocking-splice", all);
    expect(answer()).toBe("failed");
  });

  it("that nobody reads any more comes back too", async () => {
    const { queue, content, client, call, answer } = guestBetween();
    content.flow(client);
    const done = call("blocking-splice", all) as Promise<void>;
    queue.pushLent(Buffer.from("one"), false);
    await turn();
    content.cancel();
    await done;
    call("blocking-splice", all);
    expect(answer()).toBe("closed");
  });

  it("ends with its guest", async () => {
    const { guest, content, client, call } = guestBetween();
    content.flow(client);
    const done = call("blocking-splice", all) as Promise<void>;
    guest.end(guest.fail("component-wall", "was not done"));
    await expect(done).rejects.toThrow("was not done");
  });
});

it("blocking-splice of so many bytes, or of what is no body of a message, comes back with the first of them", async () => {
  for (const [isBody, limit] of [
    [true, 1n << 20n],
    [false, all],
  ] as const) {
    const { queue, content, client, call, answer } = guestBetween({ isBody });
    content.flow(client);
    queue.push(Buffer.from("one"));
    expect(call("blocking-splice", limit)).toBeUndefined();
    expect(answer()).toBe(3);
    const done = call("blocking-splice", 2n) as Promise<void>;
    queue.pushLent(Buffer.from("two"), false);
    await done;
    expect(answer()).toBe(2);
  }
});
