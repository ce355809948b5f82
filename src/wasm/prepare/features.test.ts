import { describe, expect, it } from "vitest";
import { compile } from "../link/index.ts";
import { anyHost, start, wat } from "../testkit/index.ts";
import { prepare } from "./index.ts";

const component = (core: string): string => `(component (core module $m ${core}) (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))`;

describe("what newer core modules use", () => {
  it.each([
    [
      "several memories",
      `(memory $a 1) (memory $b 1) (func (export "run") (result i32) (i32.store $b (i32.const 8) (i32.const 42)) (i32.add (i32.load $a (i32.const 8)) (i32.load $b (i32.const 8))))`,
    ],
    [
      "vectors",
      `(memory 1) (func (export "run") (result i32) (v128.store (i32.const 0) (i32x4.splat (i32.const 21))) (i32x4.extract_lane 3 (i32x4.add (v128.load (i32.const 0)) (i32x4.splat (i32.const 21)))))`,
    ],
    [
      "relaxed vectors",
      `(func (export "run") (result i32) (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.const 42.5)))))`,
    ],
    [
      "tail calls",
      `(func $down (param i32 i32) (result i32) (if (result i32) (local.get 0) (then (return_call $down (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)))) (else (local.get 1)))) (func (export "run") (result i32) (drop (call $down (i32.const 100000) (i32.const 0))) (call $down (i32.const 42) (i32.const 0)))`,
    ],
    [
      "exceptions",
      `(tag $e (param i32)) (func (export "run") (result i32) (block $h (result i32) (try_table (catch $e $h) (throw $e (i32.const 42))) (i32.const 0)))`,
    ],
    [
      "functions that only their exports declare",
      `(table 1 funcref) (type $t (func (result i32))) (func $f (export "unused") (result i32) (i32.const 42)) (func (export "run") (result i32) (table.set (i32.const 0) (ref.func $f)) (call_indirect (type $t) (i32.const 0)))`,
    ],
  ])("runs: %s", async (_, core) => {
    for (const isolation of ["request", "reuse"] as const) {
      const { exports } = start(await compile(prepare(await wat(component(core)), anyHost, isolation)));
      expect(exports.get("run")!.call()).toBe(42);
    }
  });

  it.each([
    [
      "64-bit memories",
      `(memory i64 1) (func (export "run") (result i32) (i32.load (i64.const 8)))`,
      /shared or 64-bit memory/,
    ],
    [
      "shared memories",
      `(memory 1 1 shared) (func (export "run") (result i32) (i32.const 42))`,
      /shared or 64-bit memory/,
    ],
    [
      "structures that are collected",
      `(type $s (struct (field (mut i32)))) (func (export "run") (result i32) (struct.get $s 0 (struct.new $s (i32.const 42))))`,
      /garbage-collected structs or arrays/,
    ],
  ])("refuses by name: %s", async (_, core, message) => {
    const bytes = await wat(component(core));
    expect(() => prepare(bytes, anyHost, "request")).toThrow(
      expect.objectContaining({
        code: "component-unsupported",
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      }),
    );
  });
});
