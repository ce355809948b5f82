import { expect, it, vi } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import { hostLookup, loadNamed } from "../host/lookup.ts";
import { prepare } from "../prepare/index.ts";
import { componentOf, wat } from "../testkit/index.ts";
import { runCommand, type CommandGrants } from "./command.ts";

const grants: CommandGrants = {
  args: ["test"],
  environment: [],
  directories: [],
  network: [],
  authorities: [],
  fetchFor: () => () => Promise.reject(new Error("nothing is sent")),
  config: new Map(),
  keyValue: () => "access-denied",
  memory: 1 << 20,
  cpu: Infinity,
  wall: Infinity,
  terminals: { stdin: false, stdout: false, stderr: false },
};

const world = `package t:t;
world w {
  import wasi:io/poll@0.2.6;
  import wasi:io/streams@0.2.6;
  import wasi:clocks/monotonic-clock@0.2.6;
  import wasi:cli/stdin@0.2.6;
  import wasi:cli/stdout@0.2.6;
  export wasi:cli/run@0.2.6;
}
package wasi:io@0.2.6 {
  interface poll { resource pollable { block: func(); } }
  interface streams {
    use poll.{pollable};
    resource input-stream { subscribe: func() -> pollable; read: func(length: u64) -> result<list<u8>>; }
    resource output-stream { subscribe: func() -> pollable; }
  }
}
package wasi:clocks@0.2.6 {
  interface monotonic-clock { use wasi:io/poll@0.2.6.{pollable}; subscribe-duration: func(when: u64) -> pollable; }
}
package wasi:cli@0.2.6 {
  interface stdin { use wasi:io/streams@0.2.6.{input-stream}; get-stdin: func() -> input-stream; }
  interface stdout { use wasi:io/streams@0.2.6.{output-stream}; get-stdout: func() -> output-stream; }
  interface run { run: func() -> result; }
}`;

/** A command that waits for what `pollable` makes. @param initializes what it does while it starts. */
async function waiting(imports: string, pollable: string, initializes = ""): Promise<Uint8Array> {
  const core = `(module
    ${imports}
    (import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
    (func (export "_initialize") ${initializes})
    (func (export "wasi:cli/run@0.2.6#run") (result i32) (call $block ${pollable}) (i32.const 0)))`;
  return componentOf(await wat(core), world);
}

const streams = '"wasi:io/streams@0.2.6"';

it.each([
  [
    "room to write to",
    `(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stream (result i32)))
     (import ${streams} "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))`,
    "(call $subscribe (call $stream))",
    false,
  ],
  [
    "a time",
    `(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $subscribe (param i64) (result i32)))`,
    "(call $subscribe (i64.const 1000000))",
    true,
  ],
  [
    "room to write to, and could for input",
    `(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stream (result i32)))
     (import ${streams} "[method]input-stream.subscribe" (func (param i32) (result i32)))
     (import ${streams} "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))`,
    "(call $subscribe (call $stream))",
    true,
  ],
  [
    "room to write to, and may look again and again whether there is input",
    `(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stream (result i32)))
     (import ${streams} "[method]input-stream.read" (func (param i32 i64 i32)))
     (import ${streams} "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))`,
    "(call $subscribe (call $stream))",
    true,
  ],
])("a command that waits for %s", async (_, imports, pollable, suspends) => {
  const bytes = await waiting(imports, pollable);
  await loadNamed(bytes);
  const prepared = prepare(bytes, hostLookup, "reuse");
  const promising = vi.spyOn(WebAssembly, "promising");
  try {
    expect(
      await runCommand(
        prepared,
        grants,
        loggerTo(() => {}),
      ),
    ).toEqual({ code: 0 });
    // Where it is entered plainly, V8 compiles nothing that may suspend.
    expect(promising.mock.calls.length > 0).toBe(suspends);
  } finally {
    promising.mockRestore();
  }
});

// Those of TinyGo do: their initializers, and the scheduler that they wait in.
it.each([0, 1_000_000])("a command that waits for %i ns while it starts", async (nanoseconds) => {
  const imports = `(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $subscribe (param i64) (result i32)))`;
  const pollable = `(call $subscribe (i64.const ${nanoseconds}))`;
  const bytes = await waiting(imports, pollable, `(call $block ${pollable})`);
  await loadNamed(bytes);
  const end = await runCommand(prepare(bytes, hostLookup, "reuse"), grants, loggerTo(nothing));
  expect(end).toEqual({ code: 0 });
});

function nothing(): void {}
