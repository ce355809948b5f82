import { expect, it } from "vitest";
import { isFull, makeMemories, Wear } from "./memories.ts";

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
  expect(room(makeMemories([plan(2)], 100 * page).memories)).toEqual([100]);
  expect(room(makeMemories([plan(2, 10)], 100 * page).memories)).toEqual([10]);
});

it("divides among several what is behind their minima", () => {
  expect(room(makeMemories([plan(10), plan(30), plan(0, 5)], 100 * page).memories)).toEqual([30, 50, 5]);
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

it("tells an instance that will find no more memory soon from one that needs as much from the beginning", () => {
  const plans = [plan(2), plan(1)];
  const { memories } = makeMemories(plans, 100 * page);
  const wear = new Wear();
  const worn = () => wear.isWorn(memories, plans, 100 * page);
  expect(worn()).toBe(false);
  memories[0]!.grow(40);
  expect(worn()).toBe(false);
  memories[0]!.grow(6);
  expect(worn()).toBe(true);
  wear.begin();
  expect([worn(), worn()]).toEqual([false, false]);
  memories[1]!.grow(1);
  expect(worn()).toBe(true);
});

it("knows a memory to be full that has all that its module asks for", () => {
  expect(isFull([10 * page], [plan(2, 10)], 100 * page)).toBe(true);
  expect(isFull([8 * page], [plan(2, 10)], 100 * page)).toBe(false);
  expect(isFull([10 * page], [plan(10, 10)], 100 * page)).toBe(false);
});
