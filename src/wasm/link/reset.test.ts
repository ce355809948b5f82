import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interruptHook, markWritten } from "./index.ts";
import { addresses, compiledOf, expectSame, placeOf, pointers, program, state, wat } from "../testkit/index.ts";

type Run = (input: number) => number;

function attempt(run: Run, input: number): unknown {
  try {
    return run(input);
  } catch (error) {
    return String(error);
  }
}

/** Keeps it; the first resets after that are done in another way than later ones. */
function keep({ place }: { place: ReturnType<typeof placeOf>["place"] }, isEarly: boolean): void {
  place.keep();
  for (let more = isEarly ? 0 : 5; more > 0; more--) expect(place.reset()).toBe(true);
}

describe("reset", () => {
  it("goes back to the state of a new instance: random programs", async () => {
    let resets = 0;
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom("old" as const, "new" as const, "none" as const)
          .chain((exceptions) => program(exceptions, false)),
        fc.option(fc.integer(), { nil: undefined }),
        fc.array(fc.integer(), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (text, warm, inputs, isEarly) => {
          const compiled = compiledOf(await wat(text));
          const fresh = () => {
            const { place, memories, start } = placeOf(compiled);
            const exports = start();
            if (warm !== undefined) attempt(exports["run"] as Run, warm);
            return { place, memories, exports, run: exports["run"] as Run };
          };
          let kept = fresh();
          keep(kept, isEarly);
          let before = state(kept.exports, kept.memories);
          for (const input of inputs) {
            const other = fresh();
            expectSame(state(kept.exports, kept.memories), state(other.exports, other.memories));
            expect(attempt(kept.run, input)).toEqual(attempt(other.run, input));
            if (kept.place.reset()) {
              resets++;
              expectSame(state(kept.exports, kept.memories), before);
            } else {
              kept = fresh();
              keep(kept, isEarly);
              before = state(kept.exports, kept.memories);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(resets).toBeGreaterThan(300);
  });
});

it.each<[what: string, programs: fc.Arbitrary<string>, runs: number]>([
  ["random addresses", addresses, 700],
  ["a stack pointer that moves", pointers, 300],
])("finds every store: %s", async (_, programs, numRuns) => {
  const ways = fc.array(fc.nat(255), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(programs, ways, fc.boolean(), async (text, each, isEarly) => {
      const { place, memories, start } = placeOf(compiledOf(await wat(text)));
      const plant = start()["plant"] as Run;
      keep({ place }, isEarly);
      for (const way of each) {
        attempt(plant, way);
        expect(place.reset()).toBe(true);
        const left = Buffer.from(memories[0]!.buffer).findIndex((byte) => byte !== 0);
        expect(left).toBe(-1);
      }
    }),
    { numRuns },
  );
});

const secret = 0x5ec2e7;

/** Each plants the secret somewhere; `look` sums up all that it can find of it. */
const plants: Record<string, string> = {
  "plain stores": `(memory (export "memory") 2) (func (export "plant")
    (i32.store (i32.const 8) (i32.const ${secret})) (i64.store offset=70000 (i32.const 8) (i64.const ${secret}))
    (f32.store (i32.const 4094) (f32.const 1e9)) (f64.store offset=131064 (i32.const 0) (f64.const 1e9))
    (i32.store8 (i32.const 8191) (i32.const 77)) (i32.store16 (i32.const 12287) (i32.const 7777))
    (i64.store8 (i32.const 16384) (i64.const 1)) (i64.store16 (i32.const 20479) (i64.const 999)) (i64.store32 (i32.const 24574) (i64.const -1)))`,
  vectors: `(memory (export "memory") 1) (func (export "plant")
    (v128.store (i32.const 4085) (v128.const i32x4 1 2 3 4)) (v128.store8_lane 3 (i32.const 9000) (v128.const i32x4 -1 -1 -1 -1))
    (v128.store16_lane 3 (i32.const 13000) (v128.const i32x4 -1 -1 -1 -1)) (v128.store32_lane 3 (i32.const 17000) (v128.const i32x4 -1 -1 -1 -1))
    (v128.store64_lane 1 (i32.const 65528) (v128.const i32x4 -1 -1 -1 -1)))`,
  "bulk operations": `(memory (export "memory") 4) (data $d "secret") (func (export "plant")
    (memory.fill (i32.const 100) (i32.const 7) (i32.const 90000)) (memory.copy (i32.const 200000) (i32.const 100) (i32.const 30000))
    (memory.init $d (i32.const 262138) (i32.const 0) (i32.const 6)) (memory.fill (i32.const 262144) (i32.const 1) (i32.const 0)))`,
  "addresses of all kinds": `(memory (export "memory") 2) (global $top (mut i32) (i32.const 131072)) (func (export "plant") (local $p i32) (local $q i32)
    (global.set $top (local.tee $p (i32.sub (global.get $top) (i32.const 9000))))
    (i32.store offset=4000 (local.get $p) (i32.const 1)) (i32.store offset=255 (local.get $p) (i32.const 2)) (i32.store offset=8996 (local.get $p) (i32.const 3))
    (local.set $q (i32.const -8)) (i32.store (i32.add (local.get $q) (i32.const 16)) (i32.const 4)) (i32.store8 (i32.add (local.get $q) (i32.const 108)) (i32.const 4))
    (loop $l (i32.store8 (local.get $p) (i32.const 9)) (local.set $p (i32.sub (local.get $p) (i32.const 300))) (br_if $l (i32.gt_s (local.get $p) (i32.const 4096))))
    (if (local.get $q) (then (local.set $p (i32.const 50000))) (else (local.set $p (i32.const 10)))) (i32.store (local.get $p) (i32.const 5))
    (block $b (br_if $b (local.get $q)) (i32.store offset=60000 (local.get $q) (i32.const 6))) (i32.store16 offset=60000 (i32.add (local.get $q) (i32.const 8)) (i32.const 7)))`,
  globals: `(global (export "a") (mut i32) (i32.const 1)) (global (export "b") (mut i64) (i64.const 2)) (global (export "c") (mut f32) (f32.const 3)) (global (export "d") (mut f64) (f64.const 4))
    (global $v (mut v128) (v128.const i64x2 5 6)) (global $f (mut funcref) (ref.null func)) (global $e (mut externref) (ref.null extern)) (elem declare func $plant)
    (global (export "isNull") (mut i32) (i32.const 1))
    (func $plant (export "plant") (global.set 0 (i32.const ${secret})) (global.set 1 (i64.const ${secret})) (global.set 2 (f32.const 1e9)) (global.set 3 (f64.const 1e9)) (global.set $v (v128.const i64x2 ${secret} 0)) (global.set $f (ref.func $plant)))
    (func (export "look") (result i64) (i64.add (i64.extend_i32_u (ref.is_null (global.get $f))) (i64x2.extract_lane 0 (global.get $v))))`,
  "a second memory": `(memory (export "memory") 1) (memory $m (export "other") 1) (func (export "plant") (i32.store $m (i32.const 40000) (i32.const ${secret})) (memory.fill $m (i32.const 5) (i32.const 5) (i32.const 500)) (memory.copy $m 0 (i32.const 0) (i32.const 0) (i32.const 9)))`,
};

describe("what a request may leave behind", () => {
  it.each(Object.entries(plants))("is gone: %s", async (_, text) => {
    const compiled = compiledOf(await wat(`(module ${text})`));
    const { place, memories, start } = placeOf(compiled);
    const exports = start();
    place.keep();
    const look = (exports["look"] ?? (() => 0n)) as () => bigint;
    const [before, looked] = [state(exports, memories), look()];
    for (let request = 0; request < 3; request++) {
      (exports["plant"] as () => void)();
      expect([state(exports, memories), look()]).not.toEqual([before, looked]);
      expect(place.reset()).toBe(true);
      expect(look()).toBe(looked);
      expectSame(state(exports, memories), before);
    }
  });

  it("is gone after a trap, and after an interruption", async () => {
    const bytes = await wat(`(module (memory 1) (global $g (mut i32) (i32.const 1))
      (func (export "run") (param i32) (i32.store (i32.const 8) (local.get 0)) (global.set $g (local.get 0))
        (if (i32.eqz (local.get 0)) (then unreachable)) (loop (i32.store (i32.const 9000) (local.get 0)) (br 0))))`);
    const { place, memories, start } = placeOf(
      compiledOf(bytes),
      {},
      interruptHook(() => 1),
    );
    const exports = start();
    place.keep();
    const before = state(exports, memories);
    for (const input of [0, 1, 0, 1]) {
      expect(() => (exports["run"] as Run)(input)).toThrow(WebAssembly.RuntimeError);
      expect(place.reset()).toBe(true);
      expectSame(state(exports, memories), before);
    }
  });

  it("is gone where the host wrote it and said so", async () => {
    const { place, memories, start } = placeOf(compiledOf(await wat(`(module (memory (export "memory") 2))`)));
    const exports = start();
    place.keep();
    const before = state(exports, memories);
    const marks = place.marksOf(memories[0]!);
    for (const [pointer, size] of [
      [5, 10],
      [4090, 20],
      [70_000, 30_000],
      [131_071, 1],
    ] as const) {
      new Uint8Array(memories[0]!.buffer).fill(9, pointer, pointer + size);
      markWritten(marks, pointer, size);
    }
    expect(place.reset()).toBe(true);
    expectSame(state(exports, memories), before);
  });

  it("goes back to where the host had warmed it up, not to its start", async () => {
    const bytes = await wat(
      `(module (memory 1) (func (export "next") (result i32) (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1))) (i32.load (i32.const 16))))`,
    );
    const { place, start } = placeOf(compiledOf(bytes));
    const next = start()["next"] as () => number;
    next();
    place.keep();
    for (let request = 0; request < 3; request++) {
      expect([next(), next()]).toEqual([2, 3]);
      expect(place.reset()).toBe(true);
    }
    next();
    place.keep();
    next();
    place.reset();
    expect(next()).toBe(3);
  });

  it("is gone where a local held its address before it became one of a few behind that", async () => {
    const code = `(param $p i32) (result i32)
      (i32.store (local.get $p) (local.tee $p (i32.add (local.get $p) (i32.and (i32.load (i32.const 65536)) (i32.const 1023)))))
      (local.get $p)`;
    const bytes = await wat(`(module (memory 2) (data (i32.const 65536) "\\ff\\ff") (func (export "run") ${code}))`);
    const { place, memories, start } = placeOf(compiledOf(bytes));
    const exports = start();
    place.keep();
    const before = state(exports, memories);
    expect((exports["run"] as Run)(4500)).toBe(5523);
    expect(place.reset()).toBe(true);
    expectSame(state(exports, memories), before);
  });

  it.each([true, false])(
    "is gone where an operation on no bytes at the memory's end stands for it, early: %s",
    async (isEarly) => {
      for (const size of ["(i32.const 0)", "(local.get $none)"]) {
        const bytes = await wat(`(module (memory 1) (func (export "run") (param $p i32) (result i32) (local $none i32)
        (memory.fill (local.get $p) (i32.const 0) ${size})
        (i32.store (i32.sub (local.get $p) (i32.const 100)) (i32.const -1)) (i32.load (i32.sub (local.get $p) (i32.const 100)))))`);
        const { place, memories, start } = placeOf(compiledOf(bytes));
        const exports = start();
        keep({ place }, isEarly);
        const before = state(exports, memories);
        expect((exports["run"] as Run)(65_536)).toBe(-1);
        expect(place.reset()).toBe(true);
        expectSame(state(exports, memories), before);
      }
    },
  );
});
