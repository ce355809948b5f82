import type { PuppetFunction } from "./functions.ts";

/** What a script does besides calling functions: parameters, result, and code on the values of the parameters. */
export const steps: Record<string, { params: number; result: boolean; code: string }> = {
  set: { params: 1, result: true, code: "(local.get $a)" },
  add: { params: 2, result: true, code: "(i32.add (local.get $a) (local.get $b))" },
  and: { params: 2, result: true, code: "(i32.and (local.get $a) (local.get $b))" },
  shr: { params: 2, result: true, code: "(i32.shr_u (local.get $a) (local.get $b))" },
  /** What a callback answers: a code, and a set above it. */
  pack: { params: 2, result: true, code: "(i32.or (local.get $a) (i32.shl (local.get $b) (i32.const 4)))" },
  load: { params: 1, result: true, code: "(i32.load (local.get $a))" },
  store: { params: 2, result: false, code: "(i32.store (local.get $a) (local.get $b))" },
  fill: { params: 3, result: false, code: "(memory.fill (local.get $a) (local.get $b) (local.get $c))" },
  /** Goes on at the second one, an offset in the script, unless the first one is 0. */
  jump: {
    params: 2,
    result: false,
    code: "(if (local.get $a) (then (i32.store offset=104 (local.get $at) (i32.add (i32.add (local.get $at) (i32.const 112)) (local.get $b)))))",
  },
  /** Answers to the caller. The script goes on with the next event, whose numbers are in x, y and z. */
  answer: { params: 1, result: false, code: "(return (local.get $a))" },
  trap: { params: 0, result: false, code: "(unreachable)" },
  spin: {
    params: 1,
    result: false,
    code: "(loop $round (local.set $a (i32.sub (local.get $a) (i32.const 1))) (br_if $round (local.get $a)))",
  },
  recurse: { params: 0, result: false, code: "(call $recurse)" },
  grow: { params: 1, result: true, code: "(memory.grow (local.get $a))" },
  /** How `realloc` behaves from now on: see `libc`. */
  mode: { params: 1, result: false, code: "(global.set $mode (local.get $a))" },
  /** Where a place of the script is in memory. */
  place: { params: 1, result: true, code: "(i32.add (i32.add (local.get $at) (i32.const 112)) (local.get $a))" },
};

/**
 * Memory and `realloc`, which keeps to the first 64 KiB, or misbehaves by its mode: 1 traps, 2 a wild pointer, 3 one that is not aligned,
 * 4 calls out, 5 loops, 6 grows the memory first.
 */
export const libc = `(core module $Libc
    (import "" "set.new" (func $out (result i32)))
    (memory (export "memory") 6)
    (global $mode (export "mode") (mut i32) (i32.const 0))
    (global $top (mut i32) (i32.const 0x1000))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $found i32)
      (if (i32.eq (global.get $mode) (i32.const 1)) (then (unreachable)))
      (if (i32.eq (global.get $mode) (i32.const 2)) (then (return (i32.const 0xfffffff0))))
      (if (i32.eq (global.get $mode) (i32.const 3)) (then (return (i32.const 0x1001))))
      (if (i32.eq (global.get $mode) (i32.const 4)) (then (drop (call $out))))
      (if (i32.eq (global.get $mode) (i32.const 5)) (then (loop $more (br $more))))
      (if (i32.eq (global.get $mode) (i32.const 6)) (then (drop (memory.grow (i32.const 1)))))
      (local.set $found (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
      (if (i32.gt_u (i32.add (local.get $found) (local.get $new)) (i32.const 0xffff)) (then (local.set $found (i32.const 0x1000))))
      (if (i32.gt_u (local.get $new) (i32.const 0xe000)) (then (unreachable)))
      (global.set $top (i32.add (local.get $found) (local.get $new)))
      (local.get $found)))`;

const types = { i: "i32", I: "i64" } as const;

function importOf({ name, params, result }: PuppetFunction): string {
  const given = [...params].map((letter) => types[letter as "i" | "I"]).join(" ");
  return `(import "" "${name}" (func $${name} (param ${given})${result && ` (result ${types[result]})`}))`;
}

/** The code for one function: each parameter is an operand of the script. */
function calling({ name, params, result }: PuppetFunction, catches: boolean): string {
  const operands = [...params].map((letter) =>
    letter === "I" ? "(i64.extend_i32_u (call $operand (local.get $at)))" : "(call $operand (local.get $at))",
  );
  const call = `(call $${name} ${operands.join(" ")})`;
  const kept = result === "" ? call : result === "i" ? `(local.set $v ${call})` : `(local.set $w ${call})`;
  const caught = catches ? `(block $caught (try_table (catch_all $caught) ${kept}))` : kept;
  if (result === "") return caught;
  if (result === "i") return `${caught} (call $result (local.get $at) (local.get $v))`;
  return `${caught} (call $result (local.get $at) (i32.wrap_i64 (local.get $w)))
    (call $result (local.get $at) (i32.wrap_i64 (i64.shr_u (local.get $w) (i64.const 32))))`;
}

function stepping({ params, result, code }: (typeof steps)[string]): string {
  const given = ["a", "b", "c"].slice(0, params).map((name) => `(local.set $${name} (call $operand (local.get $at)))`);
  return `${given.join(" ")} ${result ? `(call $result (local.get $at) ${code})` : code}`;
}

/**
 * The core module that does what its script says. A state of 4 KiB for each call: registers a to z, the place in the script, its end, and the
 * script itself from 112 on. The context of the task says where it is.
 * @param catches whatever a function throws is caught, and the script goes on.
 */
export function machine(functions: readonly PuppetFunction[], catches: boolean): string {
  const arms = [...Object.values(steps).map(stepping), ...functions.map((each) => calling(each, catches))];
  const blocks = arms.map((_, i) => `(block $op${arms.length - 1 - i} `).join("");
  const table = arms.map((_, i) => `$op${i}`).join(" ");
  const bodies = arms.map((arm) => `) ${arm} (br $next)`).join("\n      ");
  return `(core module $Machine
    (import "" "memory" (memory 6))
    (import "" "mode" (global $mode (mut i32)))
    (import "" "state" (func $state (result i32)))
    (import "" "state.set" (func $state.set (param i32)))
    ${functions.map(importOf).join("\n    ")}
    (global $calls (mut i32) (i32.const 0))
    (func $recurse (call $recurse) (drop (i32.load (i32.const 0))))
    (func $digit (param $at i32) (result i32) (local $c i32) (local $pc i32)
      (local.set $pc (i32.load offset=104 (local.get $at)))
      (local.set $c (i32.load8_u (local.get $pc)))
      (i32.store offset=104 (local.get $at) (i32.add (local.get $pc) (i32.const 1)))
      (if (result i32) (i32.gt_u (local.get $c) (i32.const 57))
        (then (i32.sub (local.get $c) (i32.const 55))) (else (i32.sub (local.get $c) (i32.const 48)))))
    (func $hex (param $at i32) (param $digits i32) (result i32) (local $value i32)
      (loop $more
        (local.set $value (i32.or (i32.shl (local.get $value) (i32.const 4)) (call $digit (local.get $at))))
        (local.set $digits (i32.sub (local.get $digits) (i32.const 1)))
        (br_if $more (local.get $digits)))
      (local.get $value))
    (func $letter (param $at i32) (result i32) (local $pc i32)
      (local.set $pc (i32.load offset=104 (local.get $at)))
      (i32.store offset=104 (local.get $at) (i32.add (local.get $pc) (i32.const 1)))
      (i32.load8_u (local.get $pc)))
    (func $operand (param $at i32) (result i32) (local $c i32)
      (local.set $c (call $letter (local.get $at)))
      (if (i32.ge_u (local.get $c) (i32.const 97))
        (then (return (i32.load (i32.add (local.get $at) (i32.shl (i32.sub (local.get $c) (i32.const 97)) (i32.const 2)))))))
      (call $hex (local.get $at) (select (i32.const 2) (i32.const 8) (i32.eq (local.get $c) (i32.const 83)))))
    (func $result (param $at i32) (param $value i32) (local $c i32)
      (local.set $c (call $letter (local.get $at)))
      (if (i32.ge_u (local.get $c) (i32.const 97))
        (then (i32.store (i32.add (local.get $at) (i32.shl (i32.sub (local.get $c) (i32.const 97)) (i32.const 2))) (local.get $value)))))
    (func $interpret (param $at i32) (result i32)
      (local $a i32) (local $b i32) (local $c i32) (local $v i32) (local $w i64)
      (loop $next
        (if (i32.ge_u (i32.load offset=104 (local.get $at)) (i32.load offset=108 (local.get $at))) (then (return (i32.const 0))))
      ${blocks}(br_table ${table} $op0 (call $hex (local.get $at) (i32.const 2)))
      ${bodies})
      (i32.const 0))
    (func $begin (param $text i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (i32.add (i32.const 0x10000) (i32.shl (i32.and (global.get $calls) (i32.const 63)) (i32.const 12))))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (i32.gt_u (local.get $size) (i32.const 3900)) (then (unreachable)))
      (memory.fill (local.get $at) (i32.const 0) (i32.const 4096))
      (memory.copy (i32.add (local.get $at) (i32.const 112)) (local.get $text) (local.get $size))
      (i32.store offset=104 (local.get $at) (i32.add (local.get $at) (i32.const 112)))
      (i32.store offset=108 (local.get $at) (i32.add (i32.add (local.get $at) (i32.const 112)) (local.get $size)))
      (call $state.set (local.get $at))
      (local.get $at))
    (func (export "back") (param i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (call $state))
      (i32.store offset=92 (local.get $at) (local.get 0))
      (i32.store offset=96 (local.get $at) (local.get 1))
      (i32.store offset=100 (local.get $at) (local.get 2))
      (call $interpret (local.get $at)))
    (func (export "run") (param $text i32) (param $size i32) (result i32)
      (call $interpret (call $begin (local.get $text) (local.get $size))))
    (func (export "run-here") (param $text i32) (param $size i32)
      (drop (call $interpret (call $begin (local.get $text) (local.get $size)))))
    (func (export "run-with") (param $text i32) (param $size i32) (param $stream i32) (param $future i32) (result i32) (local $at i32)
      (local.set $at (call $begin (local.get $text) (local.get $size)))
      (i32.store offset=0 (local.get $at) (local.get $stream))
      (i32.store offset=4 (local.get $at) (local.get $future))
      (call $interpret (local.get $at)))
    ${functions.some(({ name }) => name === "request.path") ? handler : ""})`;
}

/** The script is what stands behind the second slash of the path; register q is the request. */
const handler = `(func $handle (param $request i32) (result i32) (local $text i32) (local $size i32) (local $at i32)
      (call $request.path (local.get $request) (i32.const 0x20))
      (local.set $text (i32.load (i32.const 0x24)))
      (local.set $size (i32.load (i32.const 0x28)))
      (loop $more
        (local.set $text (i32.add (local.get $text) (i32.const 1)))
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (br_if $more (i32.and (i32.gt_s (local.get $size) (i32.const 0)) (i32.ne (i32.load8_u (local.get $text)) (i32.const 47)))))
      (if (i32.le_s (local.get $size) (i32.const 0)) (then (local.set $size (i32.const 1))))
      (local.set $at (call $begin (i32.add (local.get $text) (i32.const 1)) (i32.sub (local.get $size) (i32.const 1))))
      (i32.store offset=64 (local.get $at) (local.get $request))
      (call $interpret (local.get $at)))
    (func (export "handle") (param i32) (result i32) (call $handle (local.get 0)))
    (func (export "handle-here") (param i32) (drop (call $handle (local.get 0))))`;
