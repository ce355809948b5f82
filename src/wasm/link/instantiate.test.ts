import { describe, expect, it } from "vitest";
import type { Lowering } from "../host/contract.ts";
import { prepare } from "../prepare/index.ts";
import { anyHost, componentOf, memoriesFor, smallComponent, start, wat } from "../testkit/index.ts";
import { compile, instantiate, interruptHook, Place } from "./index.ts";

/** For adapters, which take a page for their state. */
const allocator = `(global $top (mut i32) (i32.const 65536))
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $top) (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -16)))))`;

describe("instantiate", () => {
  it("joins guest and host: memory, realloc and resources", async () => {
    const compiled = await compile(prepare(await smallComponent(), anyHost, "reuse"));
    const seen: unknown[] = [];
    const text = (memory: WebAssembly.Memory, at: number, length: number): string =>
      Buffer.from(memory.buffer, at, length).toString();
    const answerList = (lowering: Lowering, value: string, at: number): void => {
      const pointer = lowering.realloc!(0, 0, 1, value.length);
      Buffer.from(lowering.memory!.buffer).write(value, pointer);
      new Uint32Array(lowering.memory!.buffer).set([pointer, value.length], at / 4);
    };
    const { exports, memory } = start(compiled, {
      "[method]request.method"(this: Lowering, request: number, at: number) {
        seen.push(["method", request]);
        answerList(this, "DELETE", at);
      },
      "get-random-bytes"(this: Lowering, length: bigint, at: number) {
        answerList(this, "x".repeat(Number(length)), at);
      },
      "[constructor]fields": () => 5,
      "[constructor]response": (fields: number) => fields + 1,
      "[method]response.body"(this: Lowering, _response: number, at: number) {
        new Uint32Array(this.memory!.buffer).set([0, 9], at / 4);
      },
      "[method]output-stream.write"(this: Lowering, stream: number, at: number, length: number) {
        seen.push(["write", stream, text(this.memory!, at, length)]);
        return 0;
      },
      "drop request": (request: number) => void seen.push(["drop request", request]),
      "drop output-stream": (stream: number) => void seen.push(["drop stream", stream]),
    });
    const handle = exports.get("wasi:http/incoming-handler#handle")!;
    expect(handle.call(77)).toBe(6);
    expect(seen).toEqual([
      ["method", 77],
      ["drop request", 77],
      ["write", 9, "DELETE"],
      ["write", 9, "xxxxxxxx"],
      ["drop stream", 9],
    ]);
    expect(handle.plan).toMatchObject({ version: "0.2.3", params: ["i32"], results: ["i32"] });
    expect(handle.postReturn).toBeTypeOf("function");
    expect(memory).toBeInstanceOf(WebAssembly.Memory);
  });

  it("runs adapter functions behind the table, and _initialize once", async () => {
    const core = await wat(
      `(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 8)
      (global $ready (mut i32) (i32.const 0))
      ${allocator}
      (func (export "_initialize") (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
      (func (export "run") (result i32) (drop (call $random (i32.const 16) (i32.const 4))) (i32.add (global.get $ready) (i32.load8_u (i32.const 16)))))`,
    );
    const wit = `package t:t; world w { export run: func() -> u32; }`;
    const compiled = await compile(prepare(await componentOf(core, wit, { preview1: true }), anyHost, "reuse"));
    const { exports, memory } = start(compiled, {
      "get-random-bytes"(this: Lowering, _length: bigint, at: number) {
        const pointer = this.realloc!(0, 0, 1, 4);
        new Uint8Array(this.memory!.buffer).fill(7, pointer, pointer + 4);
        new Uint32Array(this.memory!.buffer).set([pointer, 4], at / 4);
      },
    });
    expect(exports.get("run")!.call()).toBe(8);
    expect(new Uint8Array(memory!.buffer)[16]).toBe(7);
  });

  it("lends _initialize the memory that a list of the host needs", async () => {
    const core = await wat(
      `(module
      (import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))
      (memory (export "memory") 8)
      ${allocator}
      (func (export "_initialize") (call $random (i64.const 4) (i32.const 16)))
      (func (export "run") (result i32) (i32.load8_u (i32.load (i32.const 16)))))`,
    );
    const wit = `package t:t; world w { import wasi:random/random@0.2.0; export run: func() -> u32; }
      package wasi:random@0.2.0 { interface random { get-random-bytes: func(len: u64) -> list<u8>; } }`;
    const compiled = await compile(prepare(await componentOf(core, wit), anyHost, "reuse"));
    const { exports } = start(compiled, {
      "get-random-bytes"(this: Lowering, _length: bigint, at: number) {
        const pointer = this.realloc!(0, 0, 1, 4);
        new Uint8Array(this.memory!.buffer).fill(7, pointer, pointer + 4);
        new Uint32Array(this.memory!.buffer).set([pointer, 4], at / 4);
      },
    });
    expect(exports.get("run")!.call()).toBe(7);
  });

  it("lets host functions wait, also through an adapter's shim", async () => {
    const core = await wat(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 8) (data (i32.const 100) "hi!!")
      ${allocator}
      (func (export "run") (result i32)
        (i32.store (i32.const 8) (i32.const 100)) (i32.store (i32.const 12) (i32.const 4))
        (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 20))))`);
    const wit = `package t:t; world w { export run: func() -> u32; }`;
    const compiled = await compile(prepare(await componentOf(core, wit, { preview1: true }), anyHost, "reuse"));
    const written: string[] = [];
    const { exports } = instantiate(compiled, {
      memories: memoriesFor(compiled),
      hook: interruptHook(() => 0),
      guest: 1,
      bind: (use, lowering) => {
        if (use.kind === "drop" || !use.name.includes("write-and-flush"))
          return () => (use.kind === "function" && use.results[0] === "i64" ? 0n : 3);
        return new WebAssembly.Suspending(async (_stream: number, at: number, length: number, result: number) => {
          await new Promise((resolve) => setImmediate(resolve));
          written.push(Buffer.from(lowering.memory!.buffer, at, length).toString());
          new Uint8Array(lowering.memory!.buffer)[result] = 0;
        });
      },
    });
    await expect(WebAssembly.promising(exports.get("run")!.call)()).resolves.toBe(0);
    expect(written).toEqual(["hi!!"]);
  });

  it("gives every instance a state of its own", async () => {
    const core = await wat(`(module (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`);
    const compiled = await compile(
      prepare(await componentOf(core, `package t:t; world w { export next: func() -> u32; }`), anyHost, "reuse"),
    );
    const next = () => start(compiled).exports.get("next")!.call();
    expect([next(), next()]).toEqual([1, 1]);
  });

  it("binds a place once, for instances one after the other", async () => {
    const compiled = await compile(prepare(await smallComponent(), anyHost, "reuse"));
    let bound = 0;
    const reallocs = new Set<unknown>();
    const memories = memoriesFor(compiled);
    const place = new Place(compiled, {
      memories,
      hook: interruptHook(() => 0),
      guest: 1,
      bind: (use, lowering) => {
        bound++;
        if (use.kind === "drop" || use.name !== "[method]request.method")
          return () => (use.kind === "function" && use.results[0] === "i64" ? 0n : 0);
        return () => void reallocs.add(lowering.realloc);
      },
    });
    for (let i = 0; i < 3; i++) place.instantiate().exports.get("wasi:http/incoming-handler#handle")!.call(1);
    expect(bound).toBe(compiled.manifest.uses.length);
    expect(reallocs.size).toBe(3);
  });

  it("says when types of two modules do not fit", async () => {
    const bytes = await wat(`(component
      (core module $a (func (export "f") (param i32))) (core module $b (import "a" "f" (func (param i64))))
      (core instance $i (instantiate $a)) (core instance (instantiate $b (with "a" (instance $i)))))`);
    const compiled = await compile(prepare(bytes, anyHost, "reuse"));
    expect(() => start(compiled)).toThrow(
      expect.objectContaining({
        code: "component-malformed",
        message: expect.stringContaining("do not fit each other"),
      }),
    );
  });

  it("can be posted to another thread", async () => {
    const compiled = await compile(prepare(await smallComponent(), anyHost, "reuse"));
    expect(structuredClone(compiled.manifest)).toEqual(compiled.manifest);
  });
});
