import { describe, expect, it } from "vitest";
import { BodyQueue } from "./queue.ts";

it("tells its source to stop for many small pieces as for many bytes, and to go on", () => {
  let room = 0;
  const queue = new BodyQueue({ onRoom: () => room++ });
  let pushed = 1;
  while (queue.push(Uint8Array.of(1))) pushed++;
  expect(pushed).toBe(1024);
  queue.read();
  queue.read();
  expect(room).toBe(1);
});

describe("a body that flows", () => {
  const sinkOf = (rooms: boolean[]) => {
    const seen: string[] = [];
    return {
      seen,
      take(piece: Buffer | undefined, last: boolean): boolean {
        seen.push(`${piece?.toString() ?? ""}${last ? "." : ""}`);
        return rooms.shift() ?? true;
      },
      fail: (error: unknown) => void seen.push(String(error)),
    };
  };

  it("goes to its sink in the stack in which it comes, what waited first, with its end where that is known", () => {
    const queue = new BodyQueue({});
    queue.push(Buffer.from("one"));
    const sink = sinkOf([]);
    queue.flow(sink);
    const lent = Buffer.from("two");
    queue.pushLent(lent, false);
    lent.fill(0);
    queue.pushLent(Buffer.from("three"), true, ["x-sum", "1"]);
    queue.end();
    expect(sink.seen).toEqual(["one", "two", "three."]);
    expect(queue.trailers).toEqual(["x-sum", "1"]);
  });

  it("waits where its sink has no room, in copies, and has its source go on", () => {
    let room = 0;
    const queue = new BodyQueue({ onRoom: () => room++ });
    const sink = sinkOf([false]);
    queue.flow(sink);
    expect(queue.pushLent(Buffer.from("one"), false)).toBe(true);
    const lent = Buffer.from("two");
    queue.pushLent(lent, false);
    lent.fill(0);
    queue.end();
    expect(sink.seen).toEqual(["one"]);
    queue.goOn();
    expect(sink.seen).toEqual(["one", "two."]);
    expect(room).toBe(0);
    const other = new BodyQueue({ onRoom: () => room++ });
    other.flow(sinkOf([false]));
    other.pushLent(Buffer.from("one"), false);
    expect(other.pushLent(Buffer.alloc(65_536), false)).toBe(false);
    other.goOn();
    expect(room).toBe(1);
  });

  it("breaks for its sink once, and not after its end", () => {
    const queue = new BodyQueue({});
    const sink = sinkOf([]);
    queue.flow(sink);
    queue.fail(new Error("broken"));
    queue.fail(new Error("again"));
    const late = sinkOf([]);
    queue.flow(late);
    const over = new BodyQueue({});
    over.flow(sink);
    over.end();
    over.cancel();
    expect(sink.seen).toEqual(["Error: broken", "."]);
    expect(late.seen).toEqual(["Error: broken"]);
  });
});
