import { describe, expect, it } from "vitest";
import { loggerTo } from "../../src/foundation/log/index.ts";
import type { ComponentPlan } from "../../src/model/plan/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import { v8Runtime } from "../../src/wasm/runtimes/v8/index.ts";
import { componentOf, wat } from "../../src/wasm/testkit/index.ts";
import { contextOf, requestOf } from "../host/load.ts";
import { limits } from "./harness.ts";

// Components of TinyGo run the initializers of their packages while they start, and the scheduler in which those wait.

const wit = `package t:t;
world w { import wasi:io/poll@0.2.6; import wasi:clocks/monotonic-clock@0.2.6; import wasi:http/types@0.2.6; export wasi:http/incoming-handler@0.2.6; }
package wasi:io@0.2.6 { interface poll { resource pollable { block: func(); } } }
package wasi:clocks@0.2.6 {
  interface monotonic-clock { use wasi:io/poll@0.2.6.{pollable}; subscribe-duration: func(when: u64) -> pollable; }
}
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

/** Waits while it starts, and for each request, for so many nanoseconds; undefined: not at all. Answers 200. */
async function guest(start: bigint | undefined, request: bigint | undefined): Promise<Uint8Array> {
  const waits = (time: bigint | undefined): string =>
    time === undefined ? "" : `(call $block (call $subscribe (i64.const ${time})))`;
  const core = `(module
    (import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi:http/types@0.2.6" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.6" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
    (import "wasi:http/types@0.2.6" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
    (func (export "_initialize") ${waits(start)})
    (func (export "wasi:http/incoming-handler@0.2.6#handle") (param $request i32) (param $outparam i32) ${waits(request)}
      (call $set (local.get $outparam) (i32.const 0) (call $response (call $fields))
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))`;
  return componentOf(await wat(core), wit);
}

async function load(bytes: Uint8Array, isolation: ComponentPlan["isolation"]) {
  const prepared = prepare(bytes, hostLookup, isolation);
  const plan: ComponentPlan = {
    id: "default/waits",
    digest: prepared.digest,
    isolation,
    runtime: "v8",
    limits: { ...limits, wall: 300 },
    capabilities: { http: [], services: [], keyValue: [] },
    config: {},
    identityHeaders: [],
  };
  return v8Runtime.load(plan, prepared, {
    logger: loggerTo(() => {}),
    config: new Map(),
    fetch: () => Promise.reject(new Error("nobody is asked")),
  });
}

describe.each(["request", "reuse"] as const)("a component that waits while it starts, isolation: %s", (isolation) => {
  it.each([
    ["for a moment", 5_000_000n, undefined],
    ["for a moment, and for each request", 5_000_000n, 1_000_000n],
    ["for what is there already, and for each request", 0n, 1_000_000n],
  ])("serves: %s", async (_, start, request) => {
    const component = await load(await guest(start, request), isolation);
    for (let round = 0; round < 3; round++) {
      const asked = Array.from({ length: 4 }, () => component.handle(requestOf(), contextOf()));
      for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    }
    await component.close();
  });

  it("is given up at its wall limit", async () => {
    await expect(load(await guest(60_000_000_000n, undefined), isolation)).rejects.toMatchObject({
      code: "component-wall",
      message: expect.stringContaining("was not there after 300 ms"),
    });
  });
});
