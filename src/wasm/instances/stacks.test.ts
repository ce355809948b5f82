import { setImmediate as othersRun } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { wat } from "../testkit/index.ts";
import { KeptCall, Stacks, type Call, type Caller } from "./stacks.ts";

let guest: WebAssembly.Module;
beforeAll(async () => {
  const bytes = await wat(`(module
    (import "" "wait" (func $wait (param i32)))
    (import "" "tell" (func $tell (param i32)))
    (func (export "call") (param i32 i32)
      (if (i32.eqz (local.get 0)) (then unreachable))
      (call $wait (local.get 1))
      (call $tell (local.get 0)))
    (func $deep (export "deep") (param i32 i32)
      (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))))
    (func (export "result") (param i32 i32) (result i32) (i32.const 0))
    (rec (type $odd (func (param i32 i32))) (type (func)))
    (func (export "odd") (type $odd)))`);
  guest = new WebAssembly.Module(bytes as never);
});

/** A guest whose calls wait where their second number is not 0, and what was heard of them. */
function started() {
  const told: number[] = [];
  const waiting: (() => void)[] = [];
  const wait = (waits: number): Promise<void> | undefined =>
    waits === 0 ? undefined : new Promise((resolve) => waiting.push(resolve));
  const imports = { wait: new WebAssembly.Suspending(wait as never), tell: (said: number) => void told.push(said) };
  const { exports } = new WebAssembly.Instance(guest, { "": imports });
  return { exports: exports as unknown as Record<string, Call>, told, waiting };
}

/** Runs a call, and answers how it ended. */
function ending(stacks: Stacks, slot: number, one: number, other: number, then = (): void => {}): Promise<unknown> {
  return new Promise((resolve) => {
    const caller: Caller = { returned: () => (then(), resolve("returned")), threw: (error) => resolve(error) };
    stacks.run(slot, one, other, caller);
  });
}

describe("calls on stacks that stay", () => {
  it("run at once or with the next microtask, and wait beside each other", async () => {
    const stacks = new Stacks();
    const { exports, told, waiting } = started();
    const slot = stacks.know(exports["call"]!)!;
    for (let round = 1; round <= 3; round++) {
      const ends = [1, 2, 3, 4].map((one) => ending(stacks, slot, one, 1));
      await othersRun();
      expect([waiting.length, told, stacks.idle]).toEqual([4, [], 0]);
      for (const goOn of waiting.splice(0).toReversed()) goOn();
      expect(await Promise.all(ends)).toEqual(Array(4).fill("returned"));
      expect(told.splice(0)).toEqual([4, 3, 2, 1]);
      expect(stacks.idle).toBe(4);
    }
  });

  it("go to one guest after the other", async () => {
    const stacks = new Stacks();
    for (let i = 0; i < 200; i++) {
      const { exports, told } = started();
      const slot = stacks.know(exports["call"]!)!;
      expect([await ending(stacks, slot, i + 1, 0), told]).toEqual(["returned", [i + 1]]);
      stacks.forget(slot);
    }
    expect(stacks.idle).toBe(1);
  });

  it("that trap end their stack and no other, wherever they trap", async () => {
    const stacks = new Stacks();
    const { exports, told, waiting } = started();
    const slot = stacks.know(exports["call"]!)!;
    const deep = stacks.know(exports["deep"]!)!;
    const waits = ending(stacks, slot, 7, 1);
    for (let i = 0; i < 3; i++) {
      expect(await ending(stacks, slot, 0, 0)).toBeInstanceOf(WebAssembly.RuntimeError);
      expect(await ending(stacks, deep, 1e6, 0)).toBeInstanceOf(RangeError);
      expect(await ending(stacks, slot, 8, 0)).toBe("returned");
      expect(await ending(stacks, slot, 0, 0)).toBeInstanceOf(WebAssembly.RuntimeError);
    }
    waiting[0]!();
    expect([await waits, told]).toEqual(["returned", [8, 8, 8, 7]]);
  });

  it("may be begun by the end of another, on its stack", async () => {
    const stacks = new Stacks();
    const { exports, told } = started();
    const slot = stacks.know(exports["call"]!)!;
    let second: Promise<unknown> | undefined;
    const again = (): void => void (second = ending(stacks, slot, 2, 0));
    expect([await ending(stacks, slot, 1, 0, again), await second, told]).toEqual(["returned", "returned", [1, 2]]);
    expect(stacks.idle).toBe(1);
  });

  it("are of one type: whatever else takes two numbers has no place among them", () => {
    const stacks = new Stacks();
    const { exports } = started();
    expect([stacks.know(exports["odd"]!), stacks.know(exports["result"]!)]).toEqual([undefined, undefined]);
    expect(stacks.know(exports["call"]!)).toBe(0);
    const kept = new KeptCall(exports["odd"]!);
    expect([kept.slot, kept.slot]).toEqual([undefined, undefined]);
  });

  it("leave no more than 64 stacks behind, and none where none is needed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stacks = new Stacks();
    const { exports, waiting } = started();
    const slot = stacks.know(exports["call"]!)!;
    const ends = Array.from({ length: 100 }, () => ending(stacks, slot, 1, 1));
    for (const goOn of waiting.splice(0)) goOn();
    await Promise.all(ends);
    expect(stacks.idle).toBe(64);
    await ending(stacks, slot, 1, 0);
    vi.advanceTimersByTime(10_000);
    expect(stacks.idle).toBe(64);
    await ending(stacks, slot, 1, 0);
    vi.advanceTimersByTime(10_000);
    expect(stacks.idle).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(stacks.idle).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    expect(await ending(stacks, slot, 1, 0)).toBe("returned");
  });
});
