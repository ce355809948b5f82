import type { Draw } from "./draw.ts";
import { Wild } from "./wild-code.ts";

/** Kinds of values that code is written for; `s` is a structure, `a` an array, `e` an exception. */
export type Kind = "i32" | "i64" | "f64" | "v128" | "func" | "s" | "a" | "e";

export const typeOf: Record<Kind, string> = {
  i32: "i32",
  i64: "i64",
  f64: "f64",
  v128: "v128",
  func: "(ref null $t)",
  s: "(ref null $s)",
  a: "(ref null $a)",
  e: "exnref",
};

export interface Signature {
  params: Kind[];
  results: Kind[];
}

export interface World {
  exceptions: "old" | "new" | "none";
  /** By memory, whether its addresses have 64 bits. */
  memories: boolean[];
  functions: Signature[];
  /** By index; all can change. */
  globals: Kind[];
  /** Tables are changed. */
  tables: boolean;
}

const plain: readonly Kind[] = ["i32", "i32", "i32", "i64", "f64", "v128"];

/**
 * A random module in the text format, valid and of an end: every round and every call costs of `$fuel`. Wider than `program`: blocks with
 * parameters and several results, code that nobody reaches, branches to any label with whatever lies below, loops of Go's compiler and
 * what is almost one, exceptions on their way through all of that, several memories, some of 64 bits, all instructions on tables,
 * objects in globals, a start function. `run` takes one number; `seen` says what exports cannot.
 */
export function wild(draw: Draw): string {
  const exceptions = draw.pick(["old", "new", "none"] as const);
  const kinds: Kind[] = [...plain, "func", "s", "a", ...(exceptions === "new" ? (["e"] as const) : [])];
  const isWide = draw.chance(6);
  const held = draw.chance(4);
  const world: World = {
    exceptions,
    memories: Array.from({ length: 1 + draw.below(3) }, (_, i) => isWide && (i > 0 || draw.chance(2))),
    functions: Array.from({ length: 1 + draw.below(4) }, () => ({
      params: draw.list(3, kinds),
      results: draw.chance(3) ? draw.list(3, kinds) : draw.list(1, kinds),
    })),
    globals: ["i32", "i64", "f64", "v128", "func", ...(held ? (["s", "a"] as const) : [])],
    tables: draw.chance(3),
  };
  world.functions[0] = { params: ["i32"], results: ["i32"] };
  const bodies = world.functions.map((signature, i) => new Wild(world, draw).function(i, signature));
  const memories = world.memories.map(
    (wide, i) => `(memory $m${i} (export "memory${i}") ${wide ? "i64 " : ""}1 ${2 + i})`,
  );
  const count = world.functions.length;
  return `(module
    (type $t (func (param i32) (result i32)))
    (rec (type $s0 (sub (struct (field (mut i32))))) (type $s (sub $s0 (struct (field (mut i32)) (field (mut (ref null $s0))) (field (mut i64))))))
    (type $a (array (mut i32))) (type $p (array (mut i8)))
    ${memories.join(" ")} (tag $e (param i32)) (tag $f (param i64 i32)) (tag $g)
    (global $fuel (export "fuel") (mut i32) (i32.const 400))
    ${world.globals.map((kind, i) => `(global $g${i} ${["i32", "i64", "f64"].includes(kind) ? `(export "g${i}")` : ""} (mut ${typeOf[kind]}) ${zero(kind)})`).join(" ")}
    (table $table ${count + 2} 40 funcref) (elem (table $table) (i32.const 0) func ${world.functions.map((_, i) => `$f${i}`).join(" ")})
    (table $spare 5 funcref) (elem $passive func $f0 $f0) (elem $ints i31ref (item (ref.i31 (i32.const 7))) (item (ref.i31 (i32.const 9))))
    (data $d "some bytes to copy into a memory, and more of them") (data (memory $m0) ${world.memories[0] ? "(i64.const 70)" : "(i32.const 70)"} "there from the start")
    (func $burn (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1))) (if (i32.le_s (global.get $fuel) (i32.const 0)) (then unreachable)))
    ${bodies.join("\n")}
    (func $begin (global.set $g0 (i32.const 77)) ${world.memories[0] ? "" : "(i32.store (i32.const 5000) (i32.const 78))"}) ${draw.chance(3) ? "(start $begin)" : ""}
    (func (export "seen") (result i32)
      (i32.xor (i32.xor (i32x4.extract_lane 1 (global.get $g3)) (ref.is_null (global.get $g4)))
        (i32.add (table.size $table) ${held ? `(if (result i32) (ref.is_null (global.get $g5)) (then (i32.const 3)) (else (struct.get $s 0 (global.get $g5))))` : "(table.size $spare)"})))
    (func (export "run") (param i32) (result i32) (call $f0 (local.get 0))))`;
}

/** What a global begins with. */
export function zero(kind: Kind): string {
  switch (kind) {
    case "i32":
    case "i64":
    case "f64":
      return `(${kind}.const 3)`;
    case "v128":
      return `(v128.const i32x4 1 2 3 4)`;
    case "func":
      return `(ref.null $t)`;
    case "s":
    case "a":
      return `(ref.null $${kind})`;
    case "e":
      return `(ref.null exn)`;
  }
}
