import { join } from "node:path";
import * as fc from "fast-check";
import { componentOf, program, smallComponent, wat } from "../../src/wasm/testkit/index.ts";
import { wasmFiles, wasmOf } from "./corpus.ts";

const root = join(import.meta.dirname, "../..");

/** Bytes: larger ones take long to try and are no different. */
const largest = 120_000;

/** Every module and component that the installed packages carry. */
export function packaged(): string[] {
  return wasmFiles(join(root, "node_modules"));
}

/** Small files with much in them: what the installed packages carry, and some made here. */
export async function seeds(): Promise<Buffer[]> {
  const small = packaged()
    .map(wasmOf)
    .filter((bytes): bytes is Buffer => bytes !== undefined && bytes.length < largest);
  const programs = [
    ...fc.sample(program("new"), { numRuns: 4, seed: 1 }),
    ...fc.sample(program("old"), { numRuns: 4, seed: 2 }),
  ];
  const made = [
    await smallComponent(),
    await componentOf(await wat(withAdapter), withAdapterWit, { preview1: true }),
    ...(await Promise.all([composed, asynchronous, ...programs].map(wat))),
  ];
  return [...small, ...made.map((bytes) => Buffer.from(bytes))];
}

const withAdapterWit = `package t:t; world w { export run: func() -> u32; }`;
const withAdapter = `(module (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32)))
  (memory (export "memory") 2) (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
  (func (export "run") (result i32) (call $r (i32.const 16) (i32.const 4))))`;

const composed = `(component
  (component $a (type $r' (resource (rep i32))) (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $m (memory (export "m") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 8)
      (func (export "f") (param i32 i32 i32 i32 i32 i64 f32 i32) (result i32) i32.const 16) (func (export "after") (param i32)))
    (core instance $i (instantiate $m))
    (type $t (record (field "s" string) (field "o" (option (list u16)))))
    (export $e "t" (type $t)) (type $f (flags "a" "b" "c")) (export $g "g" (type $f))
    (func (export "f") (param "t" $e) (param "n" u64) (param "x" f32) (param "g" $g) (result (result (own $r) (error string)))
      (canon lift (core func $i "f") (memory $i "m") (realloc (func $i "realloc")) (post-return (func $i "after")))))
  (instance $a (instantiate $a))
  (component $b (import "r" (type $r (sub resource)))
    (type $t' (record (field "s" string) (field "o" (option (list u16))))) (import "t" (type $t (eq $t')))
    (type $f' (flags "a" "b" "c")) (import "g" (type $g (eq $f')))
    (import "f" (func $f (param "t" $t) (param "n" u64) (param "x" f32) (param "g" $g) (result (result (own $r) (error string)))))
    (core module $libc (memory (export "m") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 8))
    (core instance $libc (instantiate $libc)) (core func $drop (canon resource.drop $r))
    (core func $l (canon lower (func $f) (memory $libc "m") (realloc (func $libc "realloc")) string-encoding=latin1+utf16))
    (core module $m (import "a" "f" (func $f (param i32 i32 i32 i32 i32 i64 f32 i32 i32))) (import "a" "d" (func (param i32)))
      (func (export "run") (result i32) i32.const 1))
    (core instance $x (export "f" (func $l)) (export "d" (func $drop)))
    (core instance $i (instantiate $m (with "a" (instance $x))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $b (instantiate $b (with "r" (type $a "r")) (with "t" (type $a "t")) (with "g" (type $a "g")) (with "f" (func $a "f"))))
  (export "run" (func $b "run")))`;

const asynchronous = `(component
  (core module $m (memory (export "m") 1) (func (export "f") (result i32) i32.const 0)
    (func (export "c") (param i32 i32 i32) (result i32) i32.const 0))
  (core instance $i (instantiate $m)) (alias core export $i "m" (core memory $m))
  (type $s (stream u8)) (core func (canon stream.new $s)) (core func (canon stream.read $s (memory $m)))
  (core func (canon waitable-set.new)) (core func (canon waitable-set.wait (memory $m))) (core func (canon task.return (result u32)))
  (func (export "run") async (result u32) (canon lift (core func $i "f") async (callback (func $i "c")))))`;
