import * as fc from "fast-check";
import { dispatching } from "./dispatching.ts";

/**
 * Random programs in the text format that always end: structured control with bounded loops, calls in both
 * directions of the call graph, memory, bulk operations, tables, atomic instructions, objects that a call makes for
 * itself, jumps by a number that a table leads on from, and exceptions of one of the two kinds, which V8 does not take together, or none.
 */
export function program(exceptions: Exceptions, tables = true): fc.Arbitrary<string> {
  const shape = { exceptions, tables };
  const body = fc.oneof(
    { weight: 3, arbitrary: statements(3, shape) },
    { weight: 1, arbitrary: dispatching(statements(1, shape), value(1)) },
    { weight: 1, arbitrary: dispatching(statements(1, { ...shape, exceptions: "none" }), value(1)) },
  );
  return fc.array(body, { minLength: 1, maxLength: 4 }).map((bodies) => {
    const functions = bodies.map(
      (
        body,
        i,
      ) => `(func $f${i} (type $t) (param $x i32) (param $depth i32) (result i32) (local $a i32) (local $b i64) (local $n i32) (local $p i32) (local $pc i32) (local $o (ref null $more)) (local $xs (ref $xs))
        (local.set $xs (array.new_default $xs (i32.const 9)))
        (if (i32.le_s (local.get $depth) (i32.const 0)) (then (return (local.get $x))))
        (global.set $work (i32.add (global.get $work) (i32.const 1)))
        (if (i32.gt_u (global.get $work) (i32.const 3000)) (then (return (local.get $a))))
        ${body.replaceAll("$CALLEES", String(bodies.length))}
        (local.get $a))`,
    );
    return `(module
      (type $t (func (param $x i32) (param $depth i32) (result i32)))
      (rec (type $less (sub (struct (field (mut i32))))) (type $more (sub $less (struct (field (mut i32)) (field (ref null $less)) (field (ref null $t))))))
      (type $xs (array (mut i32))) (elem declare func $f0) (elem $packed (ref null $more) (item (ref.null $more)))
      (memory (export "memory") 1 2) (tag $e (param i32))
      (global $work (export "work") (mut i32) (i32.const 0)) (global $g (export "g") (mut i64) (i64.const 1))
      (table $table ${bodies.length} funcref) (elem (table $table) (i32.const 0) func ${bodies.map((_, i) => `$f${i}`).join(" ")})
      (table $spare 4 funcref) (data $d "some bytes to copy in")
      (func $helper (param i32) (result i32) (i32.xor (local.get 0) (i32.const 0x5a5a)))
      ${functions.join("\n")}
      (func (export "run") (param i32) (result i32) (call $f0 (local.get 0) (i32.const 4))))`;
  });
}

type Exceptions = "old" | "new" | "none";

interface Shape {
  exceptions: Exceptions;
  /** With operations that change tables. */
  tables: boolean;
}

function statements(depth: number, shape: Shape): fc.Arbitrary<string> {
  return fc.array(statement(depth, shape), { minLength: 1, maxLength: 4 }).map((all) => all.join("\n"));
}

/** Mostly within the first page, sometimes across its end. */
const address = fc
  .oneof({ weight: 40, arbitrary: fc.nat(60_000) }, { weight: 1, arbitrary: fc.integer({ min: 65_500, max: 140_000 }) })
  .map((at) => `(i32.const ${at})`);
/** Stores of all sizes; wild addresses mostly come down within two pages, so that few programs end by them. */
const store = fc.constantFrom<(offset: number, at: string, text: string) => string>(
  (offset, at, text) => `(i32.store8 offset=${offset} (i32.and ${at} (i32.const 0xffff)) ${text})`,
  (offset, at, text) => `(i64.store offset=${offset} (i32.and ${at} (i32.const 0xffff)) (i64.extend_i32_u ${text}))`,
  (offset, at, text) =>
    `(local.set $p (i32.and ${at} (i32.const 0xfff8))) (i32.store offset=${offset} (local.get $p) ${text}) (i64.store16 offset=4 (i32.add (local.get $p) (i32.const ${offset})) (local.get $b))`,
  (offset, _, text) =>
    `(local.set $p (i32.sub (local.get $p) (i32.const ${offset & 0x1ff}))) (f32.store (i32.and (local.get $p) (i32.const 0xffff)) (f32.const 1.5)) (i32.store16 offset=${offset & 0xff} (i32.and (local.get $p) (i32.const 0xffff)) ${text})`,
  (offset, at, text) =>
    `(v128.store offset=${offset} (i32.and ${at} (i32.const 0xffff)) (i32x4.splat ${text})) (f64.store (i32.and (local.get $p) (i32.const 0xffff)) (f64.const -7))`,
  (offset, at, text) => `(i32.atomic.store offset=${offset & 0xffc} (i32.and ${at} (i32.const 0xfffc)) ${text})`,
  (_, at, text) => `(local.set $a (i32.atomic.rmw.add (i32.and ${at} (i32.const 0xfffc)) ${text}))`,
  (offset, at, text) =>
    `(local.set $b (i64.atomic.rmw16.cmpxchg_u offset=${offset & 0xffe} (i32.and ${at} (i32.const 0xfffe)) (i64.atomic.load16_u offset=${offset & 0xffe} (i32.and ${at} (i32.const 0xfffe))) (i64.extend_i32_u ${text})))`,
  (_, at, text) => `(v128.store32_lane 1 (i32.and ${at} (i32.const 0xffff)) (i32x4.splat ${text}))`,
  (offset, at) =>
    `(if (i32.gt_u (local.get $p) (i32.const 60000)) (then (local.set $p ${at}))) (i32.store8 offset=${offset & 0xff} (i32.and (local.get $p) (i32.const 0xffff)) (i32.const 9)) (local.set $p (i32.add (local.get $p) (i32.const 100)))`,
);
const small = fc.integer({ min: 0, max: 5000 }).map((size) => `(i32.const ${size})`);

const objects = [
  value(1).map((text) => `(local.set $o (struct.new $more ${text} (local.get $o) (ref.func $f0)))`),
  value(0).map(
    (text) =>
      `(if (i32.eqz (ref.is_null (local.get $o))) (then (struct.set $less 0 (local.get $o) (i32.add ${text} (struct.get $more 0 (local.get $o))))))`,
  ),
  value(1).map(
    (text) => `(local.set $xs (array.new $xs ${text} (i32.or (i32.const 1) (i32.and ${text} (i32.const 2047)))))`,
  ),
  fc
    .tuple(value(1), value(0))
    .map(
      ([at, text]) =>
        `(array.set $xs (local.get $xs) (i32.rem_u ${at} (array.len (local.get $xs))) ${text}) (local.set $a (array.get $xs (local.get $xs) (i32.const 0)))`,
    ),
  value(0).map(
    (text) =>
      `(array.fill $xs (local.get $xs) (i32.const 0) ${text} (i32.shr_u (array.len (local.get $xs)) (i32.const 1)))`,
  ),
  fc.constant(
    `(array.copy $xs $xs (local.get $xs) (i32.const 1) (local.get $xs) (i32.const 0) (i32.sub (array.len (local.get $xs)) (i32.const 1)))`,
  ),
  value(0).map(
    (text) =>
      `(local.set $a (block $is (result i32) (block $not (result (ref null $less)) (br_on_cast_fail $not (ref null $less) (ref $more) (local.get $o)) (br $is (struct.get $more 0))) (drop) ${text}))`,
  ),
  value(1).map(
    (text) =>
      `(if (i32.eqz (ref.is_null (local.get $o))) (then (local.set $a (call_ref $t ${text} (i32.sub (local.get $depth) (i32.const 1)) (struct.get $more 2 (local.get $o))))))`,
  ),
  fc.constant(`(local.set $a (i31.get_s (ref.i31 (local.get $a))))`),
  fc.constant(`(local.set $xs (array.new_fixed $xs 3 (i32.const 1) (local.get $a) (local.get $x)))`),
];

const tableChanges = [
  fc.constant(`(table.copy $spare $table (i32.const 1) (i32.const 0) (i32.const 1))`),
  fc.constant(`(table.fill $spare (i32.const 0) (ref.null func) (i32.const 3))`),
  fc.constant(`(local.set $a (i32.add (local.get $a) (table.grow $spare (ref.null func) (i32.const 2))))`),
];

function statement(depth: number, shape: Shape): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    value(1).map((text) => `(local.set $a (i32.add (local.get $a) ${text}))`),
    fc.tuple(address, value(1)).map(([at, text]) => `(i32.store ${at} ${text})`),
    fc.tuple(store, value(1), fc.nat(9000), value(1)).map(([name, at, offset, text]) => name(offset, at, text)),
    fc.tuple(address, value(0), small).map(([at, text, size]) => `(memory.fill ${at} ${text} ${size})`),
    fc.tuple(address, address, small).map(([to, from, size]) => `(memory.copy ${to} ${from} ${size})`),
    address.map((at) => `(memory.init $d ${at} (i32.const 2) (i32.const 9))`),
    ...(shape.tables ? tableChanges : []),
    fc.oneof(...objects),
    fc.constant(`(local.set $a (i32.add (local.get $a) (memory.grow (i32.const 1))))`),
    fc.constant(`(global.set $g (i64.mul (global.get $g) (i64.const 6364136223846793005)))`),
    fc.constant(`(local.set $b (i64.add (global.get $g) (i64.extend_i32_u (local.get $a))))`),
    value(2).map((text) => `(if ${text} (then (return (local.get $a))))`),
  );
  if (depth === 0) return leaf;
  const inner = statements(depth - 1, shape);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    fc.tuple(value(1), inner, inner).map(([test, then, other]) => `(if ${test} (then ${then}) (else ${other}))`),
    // Counts in a local of its own name, so that loops within loops each end.
    fc.tuple(fc.integer({ min: 1, max: 40 }), inner).map(
      ([rounds, body]) => `(local.set $n (i32.add (i32.rem_u (local.get $n) (i32.const 3)) (i32.const ${rounds})))
        (loop $l ${body} (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (global.set $work (i32.add (global.get $work) (i32.const 1)))
          (br_if $l (i32.and (i32.gt_s (local.get $n) (i32.const 0)) (i32.lt_u (global.get $work) (i32.const 3000)))))`,
    ),
    fc
      .tuple(value(1), inner)
      .map(
        ([which, body]) =>
          `(block $c (block $d (block $e (br_table $c $d $e (i32.and ${which} (i32.const 3)))) ${body}) (local.set $a (i32.const 7)))`,
      ),
    fc.tuple(value(0), inner).map(([thrown, body]) => {
      switch (shape.exceptions) {
        case "new":
          return `(local.set $a (i32.add (local.get $a) (block $h (result i32) (try_table (catch $e $h) ${body} (throw $e ${thrown})) (i32.const 3))))`;
        case "old":
          return `try ${body} (throw $e ${thrown}) catch $e local.set $a catch_all (local.set $a (i32.const 5)) end`;
        case "none":
          return `(if ${thrown} (then ${body} (return_call $f0 (local.get $a) (i32.sub (local.get $depth) (i32.const 1)))))`;
      }
    }),
  );
}

function value(depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    fc.integer().map((n) => `(i32.const ${n})`),
    fc.constantFrom(
      "(local.get $x)",
      "(local.get $a)",
      "(i32.wrap_i64 (local.get $b))",
      "(i32.wrap_i64 (global.get $g))",
      "(memory.size)",
    ),
    address.map((at) => `(i32.load ${at})`),
  );
  if (depth === 0) return leaf;
  const inner = value(depth - 1);
  const operator = fc.constantFrom("add", "sub", "mul", "xor", "and", "or", "shl", "shr_u", "rotl", "lt_s", "eq");
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    fc.tuple(operator, inner, inner).map(([name, a, b]) => `(i32.${name} ${a} ${b})`),
    inner.map((x) => `(call $helper ${x})`),
    fc
      .tuple(inner, fc.nat(7))
      .map(
        ([x, which]) =>
          `(call_indirect $table (type $t) ${x} (i32.sub (local.get $depth) (i32.const 1)) (i32.rem_u (i32.const ${which}) (i32.const $CALLEES)))`,
      ),
    inner.map((x) => `(call $f0 ${x} (i32.sub (local.get $depth) (i32.const 1)))`),
    fc.tuple(inner, inner).map(([a, b]) => `(i32x4.extract_lane 2 (i32x4.add (i32x4.splat ${a}) (i32x4.splat ${b})))`),
  );
}
