import { describe, expect, it } from "vitest";
import { decodeModule } from "../binary/index.ts";
import { interruptHook } from "../link/index.ts";
import { arm, wat } from "../testkit/index.ts";
import { added, pagesOfMarks, rewrite, scanAll } from "./index.ts";

/** Instantiates a rewritten module; the hook says stop at its call number `stopAt`. */
async function guarded(text: string, stopAt: number, imports: Record<string, Record<string, unknown>> = {}) {
  const module = decodeModule(await wat(text));
  let calls = 0;
  const guests: number[] = [];
  const hook = interruptHook((guest) => {
    guests.push(guest);
    return ++calls >= stopAt ? 1 : 0;
  });
  const memory = new WebAssembly.Memory({ initial: module.memories[0]?.minimum ?? 0, maximum: 200 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewrite(module)), {
    ...imports,
    [added.module]: { [added.memory(0)]: memory },
  });
  const run = exports["run"] as (n?: number) => number;
  return {
    arm: () => arm(exports, hook, 42),
    run,
    calls: () => calls,
    guests,
    count: exports[added.count] as WebAssembly.Global,
  };
}

/** A function with a loop of so many rounds has called itself to such a depth. `deepest`: questions until it was there. */
async function descended(rounds: number, depth: number) {
  let deepest = 0;
  const text = `(module (import "" "deep" (func $deep)) (func $down (param $depth i32) (local $n i32)
    (loop (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if 0 (i32.lt_u (local.get $n) (i32.const ${rounds}))))
    (if (local.get $depth) (then (call $down (i32.sub (local.get $depth) (i32.const 1)))) (else (call $deep))))
    (func (export "run") (call $down (i32.const ${depth}))))`;
  const guest = await guarded(text, Number.POSITIVE_INFINITY, { "": { deep: () => void (deepest = guest.calls()) } });
  guest.arm();
  guest.run();
  return { guest, deepest };
}

const levels = Array.from({ length: 40 }, (_, i) => `(func $f${i + 1} call $f${i} call $f${i})`).join("\n");

/** The second call stands in the place of its function, and behind it what says of other calls that they do not come back. */
const inPlace = Array.from(
  { length: 60 },
  (_, i) => `(func $f${i + 1} call $f${i} return_call $f${i} unreachable)`,
).join("\n");
/** None of the calls comes back, and all goes on. */
const thrown = Array.from({ length: 60 }, (_, i) => {
  const caught = (label: string) => `(block ${label} (try_table (catch_all ${label}) (call $f${i}) (unreachable)))`;
  return `(func $f${i + 1} ${caught("$a")} ${caught("$b")} (throw $e))`;
}).join("\n");

/** Each never ends, or not in a lifetime. */
const endless: Record<string, string> = {
  "an empty loop": `(module (func (export "run") (loop (br 0))))`,
  "a loop with a value": `(module (func (export "run") (i32.const 1) (loop (param i32) (result i32) (br_if 0 (i32.const 1))) drop))`,
  "a loop closed by br_table": `(module (func (export "run") (loop (block (br_table 1 0 (i32.const 0))))))`,
  "a loop in a loop": `(module (func (export "run") (loop (loop (br 1)))))`,
  "a tail call to itself": `(module (func $f (export "run") (return_call $f)))`,
  "two tail calls in a circle": `(module (func $f (export "run") (return_call $g)) (func $g (return_call $f)))`,
  "a tail call through a table": `(module (type $t (func)) (table funcref (elem $f)) (func $f (export "run") (return_call_indirect (type $t) (i32.const 0))))`,
  "a tail call by reference": `(module (type $t (func)) (elem declare func $f) (func $f (export "run") (return_call_ref $t (ref.func $f))))`,
  "forty levels of two calls": `(module (func $f0) ${levels} (func (export "run") call $f40))`,
  "sixty levels of two calls, one of them in the place of its function": `(module (func $f0) ${inPlace} (func (export "run") call $f60))`,
  "sixty levels of two calls that throw": `(module (tag $e) (func $f0 (throw $e)) ${thrown} (func (export "run") (block $h (try_table (catch_all $h) (call $f60)))))`,
  "recursion that branches": `(module (func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1)))))) (func (export "run") (call $f (i32.const 60))))`,
  "recursion through a table": `(module (type $t (func (param i32))) (table funcref (elem $f))
     (func $f (type $t) (if (local.get 0) (then (call $g (local.get 0)) (call $g (local.get 0)))))
     (func $g (param i32) (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
     (func (export "run") (call $f (i32.const 60))))`,
  "filling memory over and over": `(module (memory 100) (func (export "run") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 6000000)) (br 0))))`,
  "copying without a loop of its own": `(module (memory 100) (func $f0 (memory.copy (i32.const 0) (i32.const 1) (i32.const 6000000))) ${levels} (func (export "run") call $f40))`,
  "a loop inside try and catch_all": `(module (tag $e) (func (export "run") loop $l try (loop (br 0)) catch_all br 1 end end))`,
  "a loop inside try_table with catch_all": `(module (func (export "run") (loop $l (block $h (try_table (catch_all $h) (loop (br 0)))) (br $l))))`,
  "throwing and catching": `(module (tag $e) (func (export "run") (loop $l (block $h (try_table (catch_all $h) (throw $e))) (br $l))))`,
};

describe("interruption", () => {
  it.each(Object.entries(endless))("ends %s", async (_, text) => {
    const guest = await guarded(text, 50);
    guest.arm();
    expect(() => guest.run()).toThrow(WebAssembly.RuntimeError);
    expect(guest.calls()).toBe(50);
    expect(new Set(guest.guests)).toEqual(new Set([42]));
  });

  it.each([
    ["in it", `(loop (call $work) (br 0))`],
    ["below it", `(loop (call $between) (br 0))`],
    ["through a table", `(loop (call_indirect (type $t) (i32.const 0)) (br 0))`],
    ["through a table, below it", `(loop (call $through) (br 0))`],
    ["by a reference", `(loop (call_ref $t (ref.func $work)) (br 0))`],
    ["in a loop in it", `(loop (loop (call $work) (br_if 0 (i32.const 0))) (br 0))`],
  ])("ends a loop right after the host asks for it, where that was called %s", async (_, loop) => {
    let [calls, hasten]: [number, () => void] = [0, () => {}];
    const work = (): void => void (++calls === 5 && hasten());
    const handed = /table|\$t/.test(loop) || loop.includes("$through");
    const through = handed
      ? "(table funcref (elem $work)) (func $through (call_indirect (type $t) (i32.const 0)))"
      : "";
    const text = `(module (type $t (func)) (import "" "work" (func $work)) ${through} (func $between (call $work)) (func (export "run") ${loop}))`;
    const guest = await guarded(text, 1, { "": { work } });
    guest.arm();
    hasten = () => void (guest.count.value = 0);
    expect(() => guest.run()).toThrow(WebAssembly.RuntimeError);
    expect([guest.calls(), calls]).toEqual([1, 5]);
  });

  it("runs the start function only when armed, and ends it too", async () => {
    const guest = await guarded(`(module (func $s (loop (br 0))) (start $s))`, 3);
    expect(guest.calls()).toBe(0);
    expect(() => guest.arm()).toThrow(WebAssembly.RuntimeError);
    expect(guest.calls()).toBe(3);
  });

  it("asks about every six thousand rounds of a tight loop", async () => {
    const guest = await guarded(
      `(module (func (export "run") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`,
      Number.POSITIVE_INFINITY,
    );
    guest.arm();
    guest.run(400_000);
    expect(guest.calls()).toBeGreaterThan(60);
    expect(guest.calls()).toBeLessThan(73);
  });

  it.each([
    ["in an integer", ""],
    [
      "in a number, where integers want all registers",
      `(local.set $b (i32.add (i32.add (local.get $b) (local.get $c)) (i32.add (local.get $d) (i32.add (local.get $e) (local.get $f)))))`,
    ],
  ])("counts rounds of loops %s, and puts them into the count that all share at the end", async (_, more) => {
    const text = `(module (func $id (param i32) (result i32) (local.get 0))
      (func $some (param $n i32) (param $b i32) (param $c i32) (param $d i32) (param $e i32) (param $f i32) (result i32)
        (loop ${more} (local.set $n (i32.sub (call $id (local.get $n)) (i32.const 1))) (br_if 0 (local.get $n))) (local.get $b))
      (func (export "run") (param i32) (result i32) (local $sum i32)
        (loop (local.set $sum (i32.add (local.get $sum) (call $some (i32.const 100) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5))))
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get $sum)))`;
    const guest = await guarded(text, Number.POSITIVE_INFINITY);
    guest.arm();
    expect(guest.run(6000)).toBe(6000 * (more === "" ? 1 : 1401));
    // 600,000 rounds, and 6,000 around them.
    expect(guest.calls()).toBeGreaterThan(95);
    expect(guest.calls()).toBeLessThan(115);
  });

  it("asks while functions with loops call each other, however deep", async () => {
    const { guest, deepest } = await descended(1600, 2000);
    expect(deepest).toBeGreaterThan(150);
    expect(guest.calls()).toBeGreaterThan(400);
  });

  it("asks while functions whose loops are of few rounds call each other, however deep", async () => {
    const { guest, deepest } = await descended(480, 4000);
    // Nearly two million rounds each way, none of which one of them puts into the count that all share before it returns.
    expect(deepest).toBeGreaterThan(25);
    expect(guest.calls()).toBeGreaterThan(300);
    expect(guest.count.value).toBeLessThanOrEqual(6000);
  });

  it("asks while a function with loops is called again by one that it imports, however deep", async () => {
    let deepest = 0;
    let run: (depth: number) => void = () => {};
    const back = (depth: number): void => (depth === 0 ? void (deepest = guest.calls()) : run(depth));
    const text = `(module (import "" "back" (func $back (param i32))) (func (export "run") (param $depth i32) (local $n i32)
      (loop (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if 0 (i32.lt_u (local.get $n) (i32.const 1600))))
      (call $back (i32.sub (local.get $depth) (i32.const 1)))))`;
    const guest = await guarded(text, Number.POSITIVE_INFINITY, { "": { back } });
    guest.arm();
    run = guest.run;
    run(300);
    expect(deepest).toBeGreaterThan(20);
    expect(guest.calls()).toBeGreaterThan(60);
  });

  it("counts what functions did that another module's exception leaves", async () => {
    const deep = Array.from(
      { length: 100 },
      (_, i) => `(func $f${i} (local $n i32) (loop (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.get $n) (i32.const 500)))) (call $f${i + 1}))`,
    );
    const texts = [
      `(module (tag $e) ${deep.join("")} (func $f100 (throw $e)) (export "f" (func $f0)))`,
      `(module (import "" "f" (func $f)) (func (export "run") (param i32)
        (loop (block $h (try_table (catch_all $h) (call $f))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`,
    ];
    const modules = await Promise.all(texts.map(async (text) => decodeModule(await wat(text))));
    let calls = 0;
    const hook = interruptHook(() => (calls++, 0));
    let last: Record<string, unknown> = {};
    for (const [i, scanned] of scanAll(modules).entries()) {
      const code = new WebAssembly.Module(rewrite(modules[i]!, { scanned }));
      last = new WebAssembly.Instance(code, { "": last }).exports;
      arm(last, hook);
    }
    (last["run"] as (rounds: number) => void)(100);
    // Five million rounds.
    expect(calls).toBeGreaterThan(700);
  });

  it("leaves tight loops by every kind of branch as before", async () => {
    const bytes =
      await wat(`(module (memory 1) (func (export "run") (param $x i32) (result i32) (local $i i32) (local $a i32)
      (block $o (block $p (loop $outer (block $q
        (loop $l
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (if (i32.gt_u (local.get $i) (i32.const 700)) (then (br $o)))
          (block $v (block $w
            (br_table $w $v $l $q $p $o $outer $w (i32.rem_u (i32.mul (local.get $i) (local.get $x)) (i32.const 9))))
            (local.set $a (i32.add (local.get $a) (i32.const 1)))
            (br_if $v (i32.and (local.get $a) (i32.const 1)))
            (if (i32.and (local.get $a) (i32.const 2)) (then (br_if $q (i32.gt_u (local.get $a) (local.get $x))) (br $l))))
          (local.set $a (i32.add (local.get $a) (i32.const 3)))
          (br_if $l (i32.lt_u (local.get $a) (i32.const 1000)))
          (if (i32.eq (local.get $x) (i32.const 77)) (then (return (i32.const -5))))
          (br_if $p (i32.and (local.get $a) (i32.const 4)))))
        (local.set $a (i32.add (local.get $a) (i32.const 11)))
        (br_if $outer (i32.lt_u (local.get $i) (i32.const 650)))))
      (local.set $a (i32.mul (local.get $a) (i32.const 7))))
      (i32.add (local.get $a) (i32.mul (local.get $i) (i32.const 1000000)))))`);
    const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports["run"] as (x: number) => number;
    for (const reset of [false, true]) {
      const imports = {
        [added.module]: {
          [added.memory(0)]: new WebAssembly.Memory({ initial: 1 }),
          [added.marks(0)]: new WebAssembly.Memory({ initial: pagesOfMarks() }),
        },
      };
      const { exports } = new WebAssembly.Instance(
        new WebAssembly.Module(rewrite(decodeModule(bytes), { reset })),
        imports,
      );
      let calls = 0;
      arm(
        exports,
        interruptHook(() => (calls++, 0)),
      );
      const run = exports["run"] as (x: number) => number;
      for (let x = 0; x < 1000; x++) expect(run(x), `run(${x})`).toBe(plain(x));
      expect(calls).toBeGreaterThan(10);
    }
  });

  it("counts what is thrown and caught as more than its code", async () => {
    const guest = await guarded(
      `(module (tag $e) (func $throws (throw $e))
        (func (export "run") (param i32) (loop (block $h (try_table (catch_all $h) (call $throws)))
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`,
      Number.POSITIVE_INFINITY,
    );
    guest.arm();
    guest.run(6000);
    expect(guest.calls()).toBeGreaterThan(6);
  });

  it.each([
    ["table.set", "(table $t 1 funcref)", "(table.set $t (i32.const 0) (ref.null func))"],
    ["table.grow by nothing", "(table $t 1 funcref)", "(drop (table.grow $t (ref.null func) (i32.const 0)))"],
    ["data.drop", `(data $d "x")`, "(data.drop $d)"],
    ["fences", "", "(atomic.fence)".repeat(20)],
  ])("counts as more than its code what the engine does in its runtime: %s", async (_, more, code) => {
    const text = `(module ${more} (func $do ${code}) (func (export "run") (param i32)
      (loop (call $do) (call $do) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;
    const guest = await guarded(text, Number.POSITIVE_INFINITY);
    guest.arm();
    guest.run(12_000);
    expect(guest.calls()).toBeGreaterThan(3);
  });

  it("charges long straight code by its length", async () => {
    const long = "(i32.store (i32.const 0) (i32.const 1))".repeat(20_000);
    const guest = await guarded(`(module (memory 1) (func (export "run") (loop ${long} (br 0))))`, 5);
    guest.arm();
    expect(() => guest.run()).toThrow(WebAssembly.RuntimeError);
  });

  it("leaves small functions that call nothing alone", async () => {
    const module = decodeModule(
      await wat(
        `(module (func (param i32) (result i32) local.get 0) (func (export "run") (drop (call 0 (i32.const 1)))))`,
      ),
    );
    const rewritten = decodeModule(rewrite(module));
    const size = ({ start, end }: { start: number; end: number }): number => end - start;
    expect(rewritten.bodies.slice(0, 2).map(size)).toEqual(module.bodies.map(size));
  });
});
