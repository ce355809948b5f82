import { describe, expect, it, vi } from "vitest";
import type { BandstandError } from "../../src/foundation/errors/index.ts";
import type { ComponentPlan } from "../../src/model/plan/index.ts";
import { componentOf, wat } from "../../src/wasm/testkit/index.ts";
import { contextOf, load as loadGuest, requestOf } from "../host/load.ts";
import { limits } from "./harness.ts";

// Components of TinyGo run the initializers of their packages while they start, and the scheduler in which those wait.

const wit = `package t:t;
world w { import wasi:io/poll@0.2.6; import wasi:random/random@0.2.6; import wasi:clocks/monotonic-clock@0.2.6; import wasi:http/types@0.2.6; export wasi:http/incoming-handler@0.2.6; }
package wasi:io@0.2.6 { interface poll { resource pollable { block: func(); } } }
package wasi:clocks@0.2.6 {
  interface monotonic-clock { use wasi:io/poll@0.2.6.{pollable}; subscribe-duration: func(when: u64) -> pollable; }
}
package wasi:random@0.2.6 { interface random { get-random-bytes: func(len: u64) -> list<u8>; } }
package wasi:http@0.2.6 {
  interface types {
    variant error-code { other(tuple<u32, u64, u32, u32, u32, u32>) }
    resource fields { constructor(); }
    resource incoming-request { }
    resource outgoing-response { constructor(headers: fields); }
    resource response-outparam { set: static func(param: response-outparam, response: result<outgoing-response, error-code>); }
  }
  interface incoming-handler {
    use types.{incoming-request, response-outparam};
    handle: func(request: incoming-request, response-out: response-outparam);
  }
}`;

/** What guests get that ask for one random byte; without, 0. */
const chances: number[] = [];
vi.mock("../../src/foundation/chance/index.ts", async (original) => {
  const real = await original<typeof import("../../src/foundation/chance/index.ts")>();
  const fillRandom: typeof real.fillRandom = (into) =>
    into.byteLength === 1 ? (into as unknown as Uint8Array).fill(chances.shift() ?? 0) && into : real.fillRandom(into);
  return { ...real, fillRandom };
});

/** Waits for so many nanoseconds. */
const waits = (time: bigint): string => `(call $block (call $subscribe (i64.const ${time})))`;

/** @param start what it does while it starts, and `request` for each request. Answers 200. */
async function guest(start: string, request: string): Promise<Uint8Array> {
  const core = `(module
    (import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi:random/random@0.2.6" "get-random-bytes" (func $random (param i64 i32)))
    (import "wasi:http/types@0.2.6" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.6" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
    (import "wasi:http/types@0.2.6" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func $chance (result i32) (call $random (i64.const 1) (i32.const 8)) (i32.load8_u (i32.const 1024)))
    (func $spin (local $turns i32)
      (local.set $turns (i32.const 10000000))
      (loop $more
        (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get $turns)))
        (br_if $more (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))
    (func (export "_initialize") ${start})
    (func (export "wasi:http/incoming-handler@0.2.6#handle") (param $request i32) (param $outparam i32) ${request}
      (call $set (local.get $outparam) (i32.const 0) (call $response (call $fields))
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))`;
  return componentOf(await wat(core), wit);
}

const load = (bytes: Uint8Array, isolation: ComponentPlan["isolation"]) =>
  loadGuest(bytes, { plan: { isolation, limits: { ...limits, wall: 300 } } });

describe.each(["request", "reuse"] as const)("a component that waits while it starts, isolation: %s", (isolation) => {
  it.each([
    ["for a moment", waits(5_000_000n), ""],
    ["for a moment, and for each request", waits(5_000_000n), waits(1_000_000n)],
    ["for what is there already, and for each request", waits(0n), waits(1_000_000n)],
  ])("serves: %s", async (_, start, request) => {
    const component = await load(await guest(start, request), isolation);
    for (let round = 0; round < 3; round++) {
      const asked = Array.from({ length: 4 }, () => component.handle(requestOf(), contextOf()));
      for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    }
    await component.close();
  });

  it("is given up at its wall limit", async () => {
    await expect(load(await guest(waits(60_000_000_000n), ""), isolation)).rejects.toMatchObject({
      code: "component-wall",
      message: expect.stringContaining("was not there after 300 ms"),
    });
  });
});

describe("a component whose later start is another one than the first was", () => {
  const byChance = (what: string): string => `(if (call $chance) (then ${what}))`;
  const gone = byChance("(unreachable)");

  /** What it answers once its first instance is gone. @param taken by its next starts, in order, by chance. */
  async function later(start: string, request: string, taken: number[]) {
    const component = await load(await guest(byChance(start), request + gone), "reuse");
    const answer = async (...next: number[]): Promise<unknown> => {
      chances.splice(0, Infinity, ...next);
      try {
        return (await component.handle(requestOf(), contextOf())).status;
      } catch (error) {
        return (error as BandstandError).message;
      }
    };
    try {
      expect([await answer(), await answer(1)]).toEqual([200, "trapped: unreachable"]);
      return [await answer(...taken), chances.length, await answer()];
    } finally {
      await component.close();
    }
  }

  it.each([
    ["it waits then", waits(5_000_000n), ""],
    ["it takes long", "(call $spin)", ""],
    ["it takes long, and waits for requests", "(call $spin)", waits(1_000_000n)],
    ["it takes long and waits", `(call $spin) ${waits(5_000_000n)}`, ""],
  ])("serves: %s", async (_, start, request) => {
    // It starts a second time so that it may.
    expect(await later(start, request, [1, 1])).toEqual([200, 0, 200]);
  });

  it("is loaded where it waits when it is rehearsed again", async () => {
    chances.splice(0, Infinity, 0, 1, 1);
    const component = await load(await guest(byChance(waits(5_000_000n)), waits(1_000_000n)), "reuse");
    expect(chances).toEqual([]);
    await component.close();
  });

  it.each(["", waits(1_000_000n)])("is started once where it fails: %s", async (request) => {
    expect(await later("(unreachable)", request, [1])).toEqual(["does not start: trapped: unreachable", 0, 200]);
  });
});
