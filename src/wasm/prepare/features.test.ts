import { describe, expect, it } from "vitest";
import { compile, type Manifest } from "../link/index.ts";
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
      "64-bit memories and tables",
      `(memory i64 1 70000) (table $t i64 2 funcref) (type $f (func (result i32))) (func $g (type $f) (i32.load (i64.const 20000))) (elem (table $t) (i64.const 1) func $g)
       (func (export "run") (result i32) (memory.fill (i64.const 19999) (i32.const 0) (i64.const 9)) (i32.store8 (i64.const 10000) (i32.const 42)) (memory.copy (i64.const 20000) (i64.const 10000) (i64.const 1))
         (drop (memory.grow (i64.const 1))) (table.fill $t (i64.const 0) (ref.null func) (i64.const 1)) (call_indirect $t (type $f) (i64.const 1)))`,
    ],
    [
      "shared memories and atomic instructions of one thread",
      `(memory 1 1 shared) (func (export "run") (result i32) (i32.atomic.store (i32.const 8) (i32.const 40)) (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
         (drop (i32.atomic.rmw.cmpxchg (i32.const 8) (i32.const 41) (i32.const 39))) (drop (memory.atomic.notify (i32.const 8) (i32.const 1)))
         (i32.add (i32.atomic.load (i32.const 8)) (i32.add (memory.atomic.wait32 (i32.const 8) (i32.const 7) (i64.const -1)) (memory.atomic.wait64 offset=8 (i32.const 8) (i64.const 0) (i64.const 5)))))`,
    ],
    [
      "structures, arrays, casts and references to functions",
      `(rec (type $base (sub (struct (field $n (mut i32))))) (type $more (sub $base (struct (field $n (mut i32)) (field $f (ref $f))))) (type $f (func (param (ref $base)) (result i32))))
       (type $a (array (mut i32))) (global $kept (mut anyref) (ref.null any)) (elem declare func $take)
       (func $take (type $f) (struct.get $base $n (local.get 0)))
       (func (export "run") (result i32) (local $m (ref $more)) (local $xs (ref $a))
         (local.set $m (struct.new $more (i32.const 30) (ref.func $take))) (global.set $kept (local.get $m))
         (local.set $xs (array.new $a (i32.const 4) (i32.const 3))) (array.fill $a (local.get $xs) (i32.const 0) (i32.const 6) (i32.const 2))
         (i32.add (call_ref $f (ref.cast (ref $base) (global.get $kept)) (struct.get $more $f (local.get $m)))
           (i32.add (array.get $a (local.get $xs) (i32.const 1)) (i32.mul (i31.get_s (ref.i31 (i32.const 2))) (array.len (local.get $xs))))))`,
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
      "objects that nothing keeps",
      `(type $s (struct (field (mut i32)))) (func (export "run") (result i32) (struct.get $s 0 (struct.new $s (i32.const 42))))`,
      undefined,
    ],
    [
      "objects that a global may keep",
      `(type $s (struct (field (mut i32)))) (global $g (mut (ref null $s)) (ref.null $s)) (func (export "run") (result i32) (global.set $g (struct.new $s (i32.const 42))) (i32.const 42))`,
      "objects that it makes may outlive a request",
    ],
    [
      "objects that were there at the start",
      `(type $s (struct (field (mut i32)))) (global $g (ref $s) (struct.new $s (i32.const 42))) (func (export "run") (result i32) (struct.get $s 0 (global.get $g)))`,
      "objects that it makes may outlive a request",
    ],
    [
      "references to functions only",
      `(type $f (func)) (global $g (mut (ref null $f)) (ref.null $f)) (table 1 funcref) (func (export "run") (result i32) (i32.const 42))`,
      undefined,
    ],
    [
      "atomic instructions",
      `(memory 1 1 shared) (func (export "run") (result i32) (i32.atomic.store (i32.const 8) (i32.const 40)) (i32.const 42))`,
      undefined,
    ],
    [
      "64-bit tables",
      `(table $t i64 2 9 funcref) (func (export "run") (result i32) (drop (table.grow $t (ref.null func) (i64.const 3))) (table.fill $t (i64.const 0) (ref.null func) (i64.const 2)) (i32.sub (i32.const 47) (i32.wrap_i64 (table.size $t))))`,
      undefined,
    ],
    ["64-bit memories", `(memory i64 1) (func (export "run") (result i32) (i32.const 42))`, "it has a 64-bit memory"],
  ])("are reset where that is right: %s", async (_, core, why) => {
    const prepared = prepare(await wat(component(core)), anyHost, "request");
    const { reset: isReset, anew } = prepared.manifest as Manifest;
    expect([isReset, anew]).toEqual([why === undefined, why]);
    expect(
      start(await compile(prepared))
        .exports.get("run")!
        .call(),
    ).toBe(42);
  });
});
