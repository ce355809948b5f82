import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compiledOf, placeOf, program, wat } from "../testkit/index.ts";

type Run = (input: number) => number;

function attempt(run: Run, input: number): unknown {
  try {
    return run(input);
  } catch (error) {
    return String(error);
  }
}

/** All that can be seen of an instance: memories to their end, globals. */
function state(
  exports: Record<string, unknown>,
  memories: WebAssembly.Memory[],
): { memories: Buffer[]; globals: string[] } {
  return {
    memories: memories.map(({ buffer }) => Buffer.from(buffer.slice(0))),
    globals: Object.values(exports).flatMap((one) => (one instanceof WebAssembly.Global ? [String(one.value)] : [])),
  };
}

/** The same, where what really is behind the end of a memory must be zero. */
function expectSame(now: ReturnType<typeof state>, then: ReturnType<typeof state>): void {
  expect(now.globals).toEqual(then.globals);
  for (const [i, memory] of now.memories.entries()) {
    const length = then.memories[i]!.length;
    expect(memory.subarray(0, length).equals(then.memories[i]!)).toBe(true);
    expect(memory.subarray(length).every((byte) => byte === 0)).toBe(true);
  }
}

describe("reset", () => {
  it("goes back to the state of a new instance: random programs", async () => {
    let resets = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("old" as const, "new" as const).chain((exceptions) => program(exceptions, false)),
        fc.option(fc.integer(), { nil: undefined }),
        fc.array(fc.integer(), { minLength: 1, maxLength: 4 }),
        async (text, warm, inputs) => {
          const compiled = compiledOf(await wat(text));
          const fresh = () => {
            const { place, memories, start } = placeOf(compiled);
            const exports = start();
            if (warm !== undefined) attempt(exports["run"] as Run, warm);
            return { place, memories, exports, run: exports["run"] as Run };
          };
          let kept = fresh();
          kept.place.keep();
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
              kept.place.keep();
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
