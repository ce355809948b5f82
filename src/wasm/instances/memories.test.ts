import { expect, it } from "vitest";
import { isFull, makeMemories } from "./memories.ts";

const page = 64 << 10;
const plan = (minimum: number, maximum?: number) => ({ minimum, maximum });

/** How far each can be grown, in pages. */
function room(memories: WebAssembly.Memory[]): number[] {
  return memories.map((memory) => {
    const before = memory.buffer.byteLength / page;
    let pages = before;
    for (; pages < 200; pages++) {
      try {
        memory.grow(1);
      } catch {
        break;
      }
    }
    return pages;
  });
}

it("gives one memory all of the limit", () => {
  expect(room(makeMemories([plan(2)], 100 * page))).toEqual([100]);
  expect(room(makeMemories([plan(2, 10)], 100 * page))).toEqual([10]);
});

it("divides among several what is behind their minima", () => {
  expect(room(makeMemories([plan(10), plan(30), plan(0, 5)], 100 * page))).toEqual([30, 50, 5]);
});

it("refuses what does not fit together", () => {
  expect(() => makeMemories([plan(60), plan(60)], 100 * page)).toThrow(
    expect.objectContaining({
      code: "component-unsupported",
      message: `it needs ${120 * page} bytes of memory to start, its limit is ${100 * page}`,
      remedy: "Give it at least 8Mi (spec.limits.memory, or --memory).",
    }),
  );
});

it("says of a memory that took nearly all of its part that it is full", () => {
  const plans = [plan(1), plan(1)];
  expect(isFull([page, page], plans, 100 * page)).toBe(false);
  expect(isFull([page, 49 * page], plans, 100 * page)).toBe(true);
});
