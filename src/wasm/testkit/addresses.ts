import * as fc from "fast-check";
import { marks } from "../rewrite/marks/layout.ts";

const pageSize = 1 << marks.pageShift;

const local = () => fc.constantFrom("$p", "$q", "$r");
const near = () =>
  fc.oneof(fc.integer({ min: -700, max: 700 }), fc.constantFrom(pageSize, -pageSize, 256, -256, 255, pageSize - 1));
const edge = () => fc.tuple(fc.integer({ min: 8, max: 104 }), near()).map(([page, by]) => page * pageSize + by);

/** What stores, and its operands above the address; those of one byte need not be aligned. */
const stores: [name: string, value: string][] = [
  ["i32.store", "(i32.const -1)"],
  ["i64.store", "(i64.const -2)"],
  ["i32.store8", "(i32.const 0x55)"],
  ["i32.store16", "(i32.const 0x5555)"],
  ["v128.store", "(i32x4.splat (i32.const -1))"],
  ["f64.store", "(f64.const 1.5)"],
  ["i32.atomic.store8", "(i32.const 0x55)"],
  ["drop (i64.atomic.rmw8.or_u", "(i64.const 0x55))"],
  ["drop (i32.atomic.rmw8.cmpxchg_u", "(i32.const 0) (i32.const 0x55))"],
  ["drop (i64.atomic.rmw8.cmpxchg_u", "(i64.const 0) (i64.const 0x55))"],
];

/** Numbers between 0 and a greatest. */
const few = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .constantFrom(0, 15, 60, 255, 511, 1020, 1023, 4095)
      .map((most) => `(i32.and (i32.mul (local.get $way) (i32.const 77)) (i32.const ${most}))`),
    fc.constantFrom(1, 2, 4).map((by) => `(i32.mul (i32.load8_u (local.get $way)) (i32.const ${by}))`),
    fc
      .constantFrom(20, 23, 28)
      .map((by) => `(i32.shr_u (i32.mul (local.get $way) (i32.const 0x9e3779b1)) (i32.const ${by}))`),
    fc
      .constantFrom(3, 100, 1000)
      .map((by) => `(i32.rem_u (i32.mul (local.get $way) (i32.const 991)) (i32.const ${by}))`),
    fc
      .constantFrom(15, 500)
      .map((most) => `(i32.wrap_i64 (i64.and (i64.mul (local.get $w) (i64.const 12345)) (i64.const ${most})))`),
    fc.constant("(i32.shl (i32.and (local.get $way) (i32.const 63)) (i32.const 3))"),
  );

/** Each depth is made once: they hold each other several times. */
const made = new Map<string, fc.Arbitrary<string>>();

function once(name: string, make: () => fc.Arbitrary<string>): fc.Arbitrary<string> {
  const found = made.get(name) ?? make();
  made.set(name, found);
  return found;
}

const address = (depth: number): fc.Arbitrary<string> => once(`address ${depth}`, () => makeAddress(depth));
const wide = (depth: number): fc.Arbitrary<string> => once(`wide ${depth}`, () => makeWide(depth));

function makeAddress(depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    { weight: 5, arbitrary: local().map((name) => `(local.get ${name})`) },
    { weight: 2, arbitrary: fc.constant("(global.get $pointer)") },
  );
  if (depth === 0) return leaf;
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    fc.tuple(address(depth - 1), near()).map(([of, by]) => `(i32.add ${of} (i32.const ${by}))`),
    fc.tuple(address(depth - 1), near()).map(([of, by]) => `(i32.sub ${of} (i32.const ${by}))`),
    fc.tuple(local(), address(depth - 1)).map(([name, of]) => `(local.tee ${name} ${of})`),
    edge().map((at) => `(i32.const ${at})`),
    fc.tuple(local(), local()).map(([a, b]) => `(i32.add (local.get ${a}) (local.get ${b}))`),
    fc
      .tuple(address(depth - 1), fc.nat(3))
      .map(([of, by]) => `(i32.add ${of} (i32.shl (local.get $i) (i32.const ${by})))`),
    fc
      .tuple(local(), fc.constantFrom(1, 12, 24, 1000, 5000))
      .map(([of, by]) => `(i32.add (i32.mul (i32.const ${by}) (local.get $i)) (local.get ${of}))`),
    wide(depth - 1).map((of) => `(i32.wrap_i64 ${of})`),
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("add", "sub"), address(depth - 1), few())
        .map(([op, of, by]) => `(i32.${op} ${of} ${by})`),
    },
    fc.tuple(edge(), few()).map(([at, by]) => `(i32.add ${by} (i32.const ${at}))`),
  );
}

/** Of 64 bits, whose lower half is an address. */
function makeWide(depth: number): fc.Arbitrary<string> {
  const of = fc.constant("(local.get $w)");
  if (depth <= 0) return of;
  return fc.oneof(
    { weight: 2, arbitrary: of },
    fc.tuple(wide(depth - 1), near()).map(([a, by]) => `(i64.add ${a} (i64.const ${by}))`),
    fc.tuple(wide(depth - 1), near()).map(([a, by]) => `(i64.sub ${a} (i64.const ${by}))`),
    wide(depth - 1).map((a) => `(i64.add (i64.const ${5 * 2 ** 32 + 40}) ${a})`),
    wide(depth - 1).map((a) => `(local.tee $w ${a})`),
    address(depth - 1).map((a) => `(i64.extend_i32_s ${a})`),
    fc
      .tuple(wide(depth - 1), fc.nat(4))
      .map(([a, by]) => `(i64.add ${a} (i64.shl (i64.extend_i32_u (local.get $i)) (i64.const ${by})))`),
  );
}

/** @param ways labels that a branch may lead to on from here. */
function statement(depth: number, ways: readonly string[] = []): fc.Arbitrary<string> {
  const offset = fc.oneof(fc.constant(0), fc.nat(600), fc.constantFrom(pageSize - 6, pageSize, 252));
  const way = fc.nat(7).map((bit) => `(i32.and (local.get $way) (i32.const ${1 << bit}))`);
  const leaf = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...stores), offset, address(2))
        .map(([[name, value], by, at]) => `(${name} offset=${by} ${at} ${value})`),
    },
    fc.tuple(local(), address(2)).map(([name, at]) => `(local.set ${name} ${at})`),
    fc.tuple(local(), edge()).map(([name, at]) => `(local.set ${name} (i32.const ${at}))`),
    fc
      .tuple(local(), local(), few(), few())
      .map(
        ([name, of, a, b]) =>
          `(local.set ${name} (i32.add (local.get ${of}) ${a})) (i32.store (local.get ${name}) (local.tee ${name} (i32.add (local.get ${of}) ${b})))`,
      ),
    // Where an address was put aside before its local became something else.
    fc
      .tuple(offset, local(), local(), address(2))
      .map(([by, at, name, of]) => `(i32.store offset=${by} (local.get ${at}) (local.tee ${name} ${of}))`),
    fc
      .tuple(offset, wide(2))
      .map(([by, of]) => `(i64.store offset=${by} (i32.wrap_i64 (local.get $w)) (local.tee $w ${of}))`),
    fc.constantFrom(1, -1, 4, 40, 129).map((by) => `(local.set $i (i32.add (local.get $i) (i32.const ${by})))`),
    wide(2).map((at) => `(local.set $w ${at})`),
    address(1).map((at) => `(local.set $w (i64.extend_i32_u ${at}))`),
    local().map((name) => `(call $leaf (local.get ${name}))`),
    fc.constantFrom("keeps", "moves").map((name) => `(call $${name} (i32.const 1))`),
    fc
      .tuple(fc.constantFrom("(memory.fill", "(memory.copy"), address(1), fc.constantFrom(0, 1, 40, 255, 256, 900))
      .map(([name, at, size]) => `${name} ${at} (i32.const 512) (i32.const ${size}))`),
    fc
      .tuple(address(1), fc.nat(900))
      .map(([at, size]) => `(local.set $size (i32.const ${size})) (memory.fill ${at} (i32.const 7) (local.get $size))`),
    ...(ways.length > 0
      ? [
          fc.tuple(fc.constantFrom(...ways), way).map(([label, test]) => `(br_if ${label} ${test})`),
          fc
            .tuple(fc.constantFrom(...ways), fc.constantFrom(...ways))
            .map(([a, b]) => `(block $on (br_table ${a} $on ${b} $on (i32.and (local.get $way) (i32.const 3))))`),
        ]
      : []),
  );
  if (depth === 0) return leaf;
  const within = (...labels: string[]) =>
    fc.array(statement(depth - 1, [...ways, ...labels]), { minLength: 1, maxLength: 4 }).map((all) => all.join(" "));
  // Names of their own at each depth, so that none hides another and loops within loops end.
  const [block, out, caught, loop, n] = ["$b", "$k", "$h", "$l", "$n"].map((name) => `${name}${depth}`);
  const next = (most: number) =>
    `(br_if ${loop} (i32.lt_s (local.tee ${n} (i32.add (local.get ${n}) (i32.const 1))) (i32.const ${most})))`;
  const move = (by: number): string => `(global.set $pointer (i32.add (global.get $pointer) (i32.const ${by})))`;
  return fc.oneof(
    { weight: 7, arbitrary: leaf },
    // A frame of its own, as functions and what was made part of them have; some leave it with what they took.
    fc
      .tuple(fc.constantFrom(16, 64, 400, 1100), within())
      .map(([size, body]) => `${move(-size)} ${body} ${move(size)}`),
    fc
      .tuple(way, near(), within(block!), within())
      .map(([test, by, a, b]) => `(block ${block} ${a} (if ${test} (then ${move(by)} (br ${block}))) ${b})`),
    fc.tuple(way, within()).map(([test, body]) => `(if ${test} (then ${body} (call $never) (unreachable)))`),
    fc.tuple(way, within(), within()).map(([test, then, other]) => `(if ${test} (then ${then}) (else ${other}))`),
    fc
      .tuple(way, within(), within())
      .map(([test, then, other]) => `(if ${test} (then ${then} (return)) (else ${other}))`),
    fc
      .tuple(way, within(block!), within(block!))
      .map(([test, a, b]) => `(block ${block} ${a} (br_if ${block} ${test}) ${b})`),
    fc
      .tuple(fc.integer({ min: 1, max: 7 }), within())
      .map(([most, body]) => `(local.set ${n} (i32.const 0)) (loop ${loop} ${body} ${next(most)})`),
    fc
      .tuple(fc.integer({ min: 1, max: 7 }), way, leaf, leaf, leaf)
      .map(
        ([most, test, a, b, c]) =>
          `(local.set ${n} (i32.const 0)) (loop ${loop} ${a} (if ${test} (then ${b} ${next(most)})) ${c} ${next(most)})`,
      ),
    fc
      .tuple(fc.integer({ min: 1, max: 7 }), leaf, leaf, leaf)
      .map(
        ([most, a, b, c]) =>
          `(local.set ${n} (i32.const 0)) (loop ${loop} (if (i32.lt_s (local.tee ${n} (i32.add (local.get ${n}) (i32.const 1))) (i32.const ${most})) (then ${a} ${b} (br ${loop}))) ${c})`,
      ),
    fc
      .tuple(way, within(out!), within())
      .map(
        ([test, a, b]) =>
          `(block ${out} (block ${caught} (try_table (catch_all ${caught}) ${a} (if ${test} (then (throw $e))) (br ${out}))) ${b})`,
      ),
  );
}

/**
 * Random programs that do nothing but store, to addresses that are sums of locals and constants around the ends of
 * pages, assigned in branches and loops: `plant`, whose parameter decides which way it goes. `$pointer` is a stack pointer.
 */
export const addresses: fc.Arbitrary<string> = fc.array(statement(3), { minLength: 2, maxLength: 8 }).map(
  (body) => `(module (tag $e) (memory (export "memory") 2) (global $top (mut i32) (i32.const 69632))
    (global $pointer (mut i32) (i32.const 98304))
    (func $leaf (param $p i32) (i32.store16 offset=300 (local.get $p) (i32.const 0x7a7b)))
    (func $keeps (param $n i32)
      (global.set $pointer (i32.sub (global.get $pointer) (i32.const 1040)))
      (i32.store offset=8 (global.get $pointer) (i32.const 3))
      (global.set $pointer (i32.add (global.get $pointer) (i32.const 1040))))
    (func $moves (param $n i32) (global.set $pointer (i32.add (global.get $pointer) (i32.const 1024))))
    (func $never)
    (func (export "many") ${"(drop (global.get $pointer))".repeat(20)})
    (func (export "plant") (param $way i32) (local $p i32) (local $q i32) (local $r i32) (local $n1 i32) (local $n2 i32) (local $n3 i32) (local $size i32) (local $i i32) (local $w i64)
      (local.set $w (i64.const ${3 * 2 ** 32 + 20_480})) (local.set $p (i32.const 8192)) (local.set $q (global.get $top)) (local.set $r (i32.const 40960))
      (memory.fill (i32.const 512) (i32.const 0x66) (i32.const 1000))
      ${body.join("\n      ")}))`,
);
