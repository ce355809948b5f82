import { main as compileAssemblyScript } from "assemblyscript/asc";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { decodeModule } from "../binary/index.ts";
import { outcome, program, threeWays, wat } from "../testkit/index.ts";
import { rewrite } from "./index.ts";

describe("rewritten modules", () => {
  it("do what plain ones do: random programs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("old" as const, "new" as const, "none" as const).chain(program),
        fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
        async (text, inputs) => {
          const { plain, rewritten, marked } = threeWays(await wat(text));
          for (const input of inputs) {
            const expected = outcome(plain, "run", [input]);
            expect(outcome(rewritten, "run", [input])).toEqual(expected);
            expect(outcome(marked, "run", [input])).toEqual(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are valid wherever the damaged original still is, and refused with a reason otherwise", async () => {
    const flips = fc.array(fc.record({ at: fc.nat(), bit: fc.nat(7) }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(program("new"), fc.array(flips, { minLength: 10, maxLength: 10 }), async (text, rounds) => {
        const whole = await wat(text);
        for (const round of rounds) {
          const bytes = whole.slice();
          for (const { at, bit } of round) bytes[8 + (at % (bytes.length - 8))]! ^= 1 << bit;
          const result = rewriteOrRefuse(bytes);
          if (WebAssembly.validate(bytes)) expect(result === "component-unsupported" || validated(result)).toBe(true);
        }
      }),
      // Smaller ones of these would be sought for minutes.
      { numRuns: 100, endOnFailure: true },
    );
  });

  it("do what plain ones do: AssemblyScript with its collector", async () => {
    const { plain, rewritten, marked } = threeWays(await assemblyScript(), {
      env: { abort: () => {}, seed: () => 42 },
    });
    const calls: [string, number[]][] = [
      ["primes", [20_000]],
      ["sorted", [3000]],
      ["words", [400]],
      ["fibonacci", [20]],
      ["matrix", [24]],
      ["outOfBounds", [9]],
    ];
    for (const [name, args] of calls) {
      const expected = outcome(plain, name, args);
      expect(outcome(rewritten, name, args), name).toEqual(expected);
      expect(outcome(marked, name, args), name).toEqual(expected);
    }
  });
});

function rewriteOrRefuse(bytes: Uint8Array): Uint8Array | string {
  try {
    rewrite(decodeModule(bytes), { reset: true });
    return rewrite(decodeModule(bytes));
  } catch (error) {
    if (error instanceof BandstandError && error.code !== "internal") return error.code;
    throw error;
  }
}

/**
 * V8 takes exceptions of the old and of the new kind, but not in one module; whether it notices depends on which of its
 * threads looks at which function first. So one "no" says nothing of such modules.
 */
function validated(result: Uint8Array | string): boolean {
  return typeof result !== "string" && Array.from({ length: 50 }).some(() => WebAssembly.validate(result));
}

async function assemblyScript(): Promise<Uint8Array> {
  const source = `
    export function primes(n: i32): i32 { const s = new Uint8Array(n); let c = 0; for (let i = 2; i < n; i++) { if (s[i]) continue; c++; for (let j = i * 2; j < n; j += i) s[j] = 1; } return c; }
    export function sorted(n: i32): i32 { const a = new Array<i32>(n); let x: u32 = 1; for (let i = 0; i < n; i++) { x = x * 1664525 + 1013904223; a[i] = x >> 8; } a.sort((p, q) => p - q); return a[n / 2]; }
    export function words(n: i32): i32 { const m = new Map<string, i32>(); for (let i = 0; i < n; i++) { const k = "key" + (i % 37).toString(); m.set(k, (m.has(k) ? m.get(k) : 0) + i); } return m.get("key5"); }
    export function fibonacci(n: i32): i32 { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
    export function matrix(n: i32): f64 { const a = new Float64Array(n * n); for (let i = 0; i < n * n; i++) a[i] = Math.sin(i); let s = 0.0; for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) s += a[i * n + k] * a[k * n + j]; return s; }
    export function outOfBounds(n: i32): i32 { const a = new Array<i32>(3); return a[n]; }`;
  let binary: Uint8Array | undefined;
  const { error, stderr } = await compileAssemblyScript(
    ["module.ts", "--outFile", "module.wasm", "-O2", "--runtime", "incremental"],
    {
      readFile: (name) => (name === "module.ts" ? source : null),
      writeFile: (name, content) => void (name === "module.wasm" && (binary = content as Uint8Array)),
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`asc failed: ${stderr.toString()}`, { cause: error });
  return binary;
}
