import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeModule } from "../binary/index.ts";
import { arm, wat } from "../testkit/index.ts";
import { added, marks, pagesOfMarks, rewrite } from "./index.ts";

const pages = 2;
const bytes = pages * 65_536;
const operations = ["fill", "copy"] as const;
const text = `(module (memory (export "memory") ${pages}) (memory $other (export "other") ${pages})
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "across") (param i32 i32 i32) (memory.copy 0 $other (local.get 0) (local.get 1) (local.get 2))))`;

interface Guest {
  memory: Uint8Array;
  marked: Uint8Array;
  run: Record<string, (destination: number, source: number, size: number) => void>;
}

/** @param reset with marks; undefined: as it came. */
function guest(source: Uint8Array, reset: boolean | undefined): Guest {
  const code = reset === undefined ? source : rewrite(decodeModule(source), { reset });
  const own = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: pages });
  const beside = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: pagesOfMarks() });
  const memories = [own(), own()];
  const marksOf = [beside(), beside()];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code as never), {
    [added.module]: {
      [added.memory(0)]: memories[0]!,
      [added.memory(1)]: memories[1]!,
      [added.marks(0)]: marksOf[0]!,
      [added.marks(1)]: marksOf[1]!,
    },
  });
  if (added.arm in exports) arm(exports);
  const memory = new Uint8Array(((exports["memory"] as WebAssembly.Memory | undefined) ?? memories[0]!).buffer);
  const other = new Uint8Array(((exports["other"] as WebAssembly.Memory | undefined) ?? memories[1]!).buffer);
  for (let i = 0; i < bytes; i++) [memory[i], other[i]] = [(Math.imul(i, 0x9e3779b1) >>> 13) & 0xff, (i >>> 3) & 0xff];
  return { memory, marked: new Uint8Array(marksOf[0]!.buffer, marks.at), run: exports as Guest["run"] };
}

function traps(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return true;
  }
}

const near = (place: number): fc.Arbitrary<number> => fc.integer({ min: place - 40, max: place + 40 });
const addresses = fc.oneof(near(50), near(1024), near(70_000), near(bytes), near(0), near(2 ** 31));
const sizes = fc.oneof(fc.nat(20), fc.nat(40), near(256), fc.constant(-1));
const steps = fc.record({
  operation: fc.constantFrom(...operations, "across"),
  to: addresses,
  from: addresses,
  size: sizes,
});

describe("copies and fills of few bytes", () => {
  const guests: Guest[] = [];
  beforeAll(async () => {
    const source = await wat(text);
    guests.push(guest(source, undefined), guest(source, false), guest(source, true));
  });

  it("do what the engine's own do, trap where those do, and write nothing then", () => {
    fc.assert(
      fc.property(steps, ({ operation, to, from, size }) => {
        const outcomes = guests.map(({ run }) => traps(() => run[operation]!(to, from, size)));
        const [plain] = guests;
        for (const [i, { memory }] of guests.entries()) {
          expect(outcomes[i]).toBe(outcomes[0]);
          expect(Buffer.compare(memory, plain!.memory)).toBe(0);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("mark what they write to", () => {
    const { memory, marked, run } = guests[2]!;
    const isMarked = (at: number): boolean => at >= 0 && marked[at >>> marks.pageShift] === 1;
    fc.assert(
      fc.property(steps, ({ operation, to, from, size }) => {
        const before = memory.slice();
        marked.fill(0);
        traps(() => run[operation]!(to, from, size));
        for (let at = 0; at < bytes; at++)
          if (memory[at] !== before[at])
            expect([at, at - marks.slack, at + marks.slack].some((each) => isMarked(each))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
