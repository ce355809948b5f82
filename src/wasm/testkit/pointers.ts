import * as fc from "fast-check";

const move = (by: number): string => `(global.set $sp (i32.add (global.get $sp) (i32.const ${by})))`;
const far = fc.constantFrom(16, -16, 300, -300, 1200, -1200);
const store = fc.constantFrom(0, 8, 200).map((at) => `(i32.store offset=${at} (global.get $sp) (i32.const -1))`);
const way = fc.nat(7).map((bit) => `(i32.and (local.get $way) (i32.const ${1 << bit}))`);

function statement(depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    { weight: 4, arbitrary: store },
    { weight: 2, arbitrary: far.map(move) },
    fc.constantFrom("(call $keeps)", "(call $moves)"),
  );
  if (depth === 0) return leaf;
  const some = fc.array(statement(depth - 1), { minLength: 1, maxLength: 3 }).map((all) => all.join(" "));
  const [block, loop, n] = [`$b${depth}`, `$l${depth}`, `$n${depth}`];
  const next = `(br_if ${loop} (i32.lt_s (local.tee ${n} (i32.add (local.get ${n}) (i32.const 1))) (i32.const 5)))`;
  const begin = `(local.set ${n} (i32.const 0))`;
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    fc.tuple(far, some).map(([by, all]) => `${move(by)} ${all} ${move(-by)}`),
    fc.tuple(way, some, some).map(([test, a, b]) => `(if ${test} (then ${a}) (else ${b}))`),
    fc.tuple(way, some).map(([test, all]) => `(if ${test} (then ${all} (return)))`),
    fc.tuple(way, some, some).map(([test, a, b]) => `(block ${block} ${a} (br_if ${block} ${test}) ${b})`),
    some.map((all) => `${begin} (loop ${loop} ${all} ${next})`),
    fc.tuple(far, some).map(([by, all]) => `${begin} (loop ${loop} ${move(by)} ${all} ${move(-by)} ${next})`),
    fc
      .tuple(far, way, some)
      .map(([by, test, all]) => `${begin} (loop ${loop} ${all} (if ${test} (then ${next} ${move(by)})) ${next})`),
  );
}

/** Random programs that store where a stack pointer in a global points, as `addresses`: `plant`, whose parameter decides which way it goes. */
export const pointers: fc.Arbitrary<string> = fc.array(statement(2), { minLength: 2, maxLength: 6 }).map(
  (body) => `(module (memory (export "memory") 2) (global $sp (mut i32) (i32.const 65536))
    (func $keeps ${move(-64)} (i32.store (global.get $sp) (i32.const 3)) ${move(64)})
    (func $moves ${move(1024)})
    (func ${"(drop (global.get $sp))".repeat(40)})
    (func (export "plant") (param $way i32) (local $n1 i32) (local $n2 i32) ${body.join(" ")}))`,
);
