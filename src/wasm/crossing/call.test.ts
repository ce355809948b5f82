import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { CompositionPlan, TypePlan } from "../link/crossing-plan.ts";
import { flatten, flatTypes, Side, unflatten, type Value } from "../testkit/canonical/index.ts";
import { TestGuest } from "../testkit/index.ts";
import { Crossings } from "./index.ts";

type Encoding = Side["encoding"];
type Call = (...args: (number | bigint)[]) => number | bigint | undefined;

/** A call through a crossing between two sides that go by the specification's own words. */
class Joined {
  readonly guest = new TestGuest();
  readonly caller: Side;
  readonly callee: Side;
  seen: Value[] = [];
  readonly #types: readonly TypePlan[];
  readonly #type: number;
  readonly #call: Call;
  answer: (values: Value[]) => Value = (values) => values[0];

  constructor(types: TypePlan[], type: number, from: Encoding, to: Encoding) {
    this.#types = types;
    this.#type = type;
    this.caller = new Side(types, from);
    this.callee = new Side(types, to);
    const composition: CompositionPlan = { types, resources: [], crossings: [] };
    const crossings = new Crossings(this.guest, composition, () => undefined, false);
    const ends = {
      call: (...given: (number | bigint)[]) => this.#called(given),
      postReturn: undefined,
      callback: undefined,
    };
    const signature = { params: [], results: [] };
    this.#call = crossings.bind(
      {
        kind: "call",
        name: "f",
        caller: 0,
        callee: 1,
        params: [type, type],
        result: type,
        core: { instance: 0, name: "f" },
        postReturn: null,
        callback: null,
        async: false,
        mayBlock: false,
        manner: "plain",
        lower: 0,
        lift: 1,
        signature,
      },
      ends,
      [this.caller, this.callee],
    ) as Call;
  }

  get #few(): boolean {
    return flatTypes(this.caller, this.#type).length * 2 <= 16;
  }

  /** A tuple of both parameters. */
  #pair(side: Side): [Side, number] {
    const types = [...this.#types, { kind: "record" as const, fields: [this.#type, this.#type] }];
    Object.assign(side, { types });
    return [side, types.length - 1];
  }

  #called(given: (number | bigint)[]): unknown {
    const [side, pair] = this.#pair(this.callee);
    this.seen = (this.#few ? unflatten(side, pair, [...given]) : side.load(pair, given[0] as number)) as Value[];
    const answer = this.answer(this.seen);
    if (flatTypes(side, this.#type).length <= 1) return flatten(side, this.#type, answer)[0];
    const at = side.realloc(0, 0, side.align(this.#type), side.size(this.#type));
    side.store(this.#type, answer, at);
    return at;
  }

  /** Core values as they are; what comes back is not looked at. */
  pass(args: (number | bigint)[]): void {
    const at = flatTypes(this.caller, this.#type).length <= 1 ? [] : [1024];
    this.answer = () => this.#default();
    this.#call(...args, ...at);
  }

  /** A value that the callee may answer, whatever it was given. */
  #default(): Value {
    const side = new Side(this.#types, "utf8");
    return side.load(this.#type, 0);
  }

  run(values: [Value, Value]): Value {
    const [side, pair] = this.#pair(this.caller);
    let args: (number | bigint)[];
    if (this.#few) args = flatten(side, pair, values);
    else {
      const at = side.realloc(0, 0, side.align(pair), side.size(pair));
      side.store(pair, values, at);
      args = [at];
    }
    if (flatTypes(side, this.#type).length <= 1) return unflatten(side, this.#type, [this.#call(...args)!]);
    const at = side.realloc(0, 0, side.align(this.#type), side.size(this.#type));
    this.#call(...args, at);
    return side.load(this.#type, at);
  }
}

const primitives = [
  "bool",
  "u8",
  "s8",
  "u16",
  "s16",
  "u32",
  "s32",
  "u64",
  "s64",
  "f32",
  "f64",
  "char",
  "string",
] as const;

/** A type and how to draw values of it; only earlier types are named. */
interface Drawn {
  types: TypePlan[];
  values: fc.Arbitrary<Value>[];
}

const numberOf: Record<string, fc.Arbitrary<Value>> = {
  bool: fc.boolean(),
  u8: fc.nat(255),
  s8: fc.integer({ min: -128, max: 127 }),
  u16: fc.nat(65_535),
  s16: fc.integer({ min: -32_768, max: 32_767 }),
  u32: fc.nat(0xffff_ffff),
  s32: fc.integer(),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  s64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float({ noNaN: true }),
  f64: fc.double({ noNaN: true }),
  char: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).map((text) => text.codePointAt(0)),
  string: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.nat(255).map((unit) => String.fromCharCode(unit)), maxLength: 40 }),
  ),
};

function grow({ types, values }: Drawn, pick: number[]): Drawn {
  const [kind, a, b, count] = pick as [number, number, number, number];
  const at = (i: number): number => i % types.length;
  const of = (i: number): fc.Arbitrary<Value> => values[at(i)]!;
  const add = (plan: TypePlan, value: fc.Arbitrary<Value>): Drawn => ({
    types: [...types, plan],
    values: [...values, value],
  });
  switch (kind) {
    case 0:
      return add({ kind: "record", fields: [at(a), at(b), at(count)] }, fc.tuple(of(a), of(b), of(count)));
    case 1:
      return add(
        { kind: "variant", cases: [at(a), null, at(b), at(count)] },
        fc.oneof(
          of(a).map((value) => [0, value]),
          fc.constant([1, undefined]),
          of(b).map((value) => [2, value]),
          of(count).map((value) => [3, value]),
        ),
      );
    case 2:
      return add({ kind: "list", element: at(a), length: null }, fc.array(of(a), { maxLength: 6 }));
    case 3: {
      const length = (count % 5) + 1;
      return add({ kind: "list", element: at(a), length }, fc.array(of(a), { minLength: length, maxLength: length }));
    }
    case 4: {
      const bits = (count % 70) + 1;
      return add({ kind: "flags", count: bits }, fc.array(fc.boolean(), { minLength: bits, maxLength: bits }));
    }
    default: {
      const cases = (count % 400) + 1;
      return add({ kind: "enum", count: cases }, fc.nat(cases - 1));
    }
  }
}

const start: Drawn = {
  types: primitives.map((primitive) => ({ kind: "primitive", primitive })),
  values: primitives.map((primitive) => numberOf[primitive]!),
};

const cases = fc
  .array(fc.tuple(fc.nat(5), fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 9 })
  .map((picks) => picks.reduce(grow, start))
  .chain(({ types, values }) => fc.tuple(fc.constant(types), values.at(-1)!, values.at(-1)!));
const encodings = fc.constantFrom<Encoding>("utf8", "utf16", "latin1+utf16");

describe("a call between components", () => {
  it("moves values as the specification says: random types, values and encodings", () => {
    fc.assert(
      fc.property(cases, encodings, encodings, ([types, first, second], from, to) => {
        const joined = new Joined(types, types.length - 1, from, to);
        expect(joined.run([first, second])).toEqual(first);
        expect(joined.seen).toEqual([first, second]);
      }),
      { numRuns: 1500 },
    );
  });

  it("moves every primitive", () => {
    const draw = fc
      .nat(primitives.length - 1)
      .chain((i) => fc.tuple(fc.constant(i), start.values[i]!, start.values[i]!));
    fc.assert(
      fc.property(draw, encodings, encodings, ([type, first, second], from, to) => {
        const joined = new Joined(start.types, type, from, to);
        expect(joined.run([first, second])).toEqual(first);
        expect(joined.seen).toEqual([first, second]);
      }),
      { numRuns: 500 },
    );
  });

  it("takes whatever a caller hands over, or ends it: nothing else comes of wild pointers and lengths", () => {
    const wild = fc.oneof(fc.integer(), fc.nat(300_000), fc.constantFrom(0, -1, 8, 0x7fff_ffff, -0x8000_0000));
    const types = cases.map(([found]) => found);
    let ended = 0;
    fc.assert(
      fc.property(types, encodings, fc.array(wild, { minLength: 40, maxLength: 40 }), (found, encoding, numbers) => {
        const type = found.length - 1;
        const joined = new Joined(found, type, encoding, "utf8");
        const words = new Int32Array(joined.caller.memory.buffer);
        for (let i = 0; i < words.length; i++) words[i] = numbers[i % numbers.length]! >> (i & 15);
        const flat = flatTypes(joined.caller, type);
        const values = [...flat, ...flat].map((want, i) =>
          want === "i64" ? BigInt(numbers[i % 40]!) : numbers[i % 40]!,
        );
        try {
          joined.pass(flat.length * 2 <= 16 ? values : [numbers[0]!]);
        } catch (error) {
          ended++;
          if (!(error instanceof BandstandError)) throw error;
        }
      }),
      { numRuns: 400 },
    );
    expect(ended).toBeGreaterThan(100);
  });

  it.each<[string, TypePlan]>([
    ["booleans", { kind: "primitive", primitive: "bool" }],
    ["lists of a fixed length", { kind: "list", element: 0, length: 1 }],
  ])("ends what holds the thread up: millions of %s", (_, plan) => {
    const types: TypePlan[] = [
      { kind: "primitive", primitive: "bool" },
      plan,
      { kind: "list", element: 1, length: null },
    ];
    const joined = new Joined(types, 2, "utf8", "utf8");
    joined.caller.memory.grow(64);
    // They take some 100 ms.
    expect(() => joined.pass([0, 3_900_000, 0, 0])).toThrow(BandstandError);
    expect(joined.guest.failure?.code).toMatch(/component-(cpu|resources)/);
  });

  it("moves no more in one call than a bound", () => {
    // A list of lists that all are the same 64 KiB.
    const types: TypePlan[] = [
      { kind: "primitive", primitive: "u8" },
      { kind: "list", element: 0, length: null },
      { kind: "list", element: 1, length: null },
    ];
    const joined = new Joined(types, 2, "utf8", "utf8");
    const words = new Uint32Array(joined.caller.memory.buffer);
    for (let i = 0; i < words.length; i += 2) words.set([0, 65_536], i);
    expect(() => joined.pass([0, 20_000, 0, 20_000])).toThrow(expect.objectContaining({ code: "component-resources" }));
  });
});
