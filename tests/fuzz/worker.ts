import { parentPort, workerData } from "node:worker_threads";
import { program, outcome, runWild, threeWays, wat } from "../../src/wasm/testkit/index.ts";
import * as fc from "fast-check";
import { tryAll } from "./check.ts";
import { damaged } from "./mutate.ts";

/** What the worker is started with. */
export interface Work {
  seeds: Uint8Array[];
  first: number;
  /** Milliseconds. */
  time: number;
}

/** What it says: before each input, so that it is known which one it never came back from. */
export type Said =
  | { kind: "trying"; seed: number }
  | { kind: "found"; seed: number; what: string }
  | { kind: "done"; inputs: number; taken: number; programs: number };

/** Inputs for each random program that is run in three ways. */
const inputsPerProgram = 200;
/** The same for those of nearly anything, which are written faster. */
const inputsPerWild = 25;

const { seeds, first, time } = workerData as Work;
const say = (said: Said): void => parentPort!.postMessage(said);
const all = seeds.map((seed) => Buffer.from(seed));
const until = performance.now() + time;
let inputs = 0;
let taken = 0;
let programs = 0;

for (let seed = first; performance.now() < until; seed++) {
  say({ kind: "trying", seed });
  try {
    if (tryAll(damaged(all, seed))) taken++;
    inputs++;
    if (seed % inputsPerProgram === 0) await runProgram(seed);
    else if (seed % inputsPerWild === 0 && (await runWild(seed)) !== undefined) programs++;
  } catch (error) {
    say({ kind: "found", seed, what: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
say({ kind: "done", inputs, taken, programs });

/** One random program as it is and rewritten: the same answers, memories and globals. */
async function runProgram(seed: number): Promise<void> {
  const [text] = fc.sample(program(seed % 400 === 0 ? "old" : "new"), { numRuns: 1, seed });
  const { plain, rewritten, marked } = threeWays(await wat(text!));
  for (const input of [seed | 0, 0, -1]) {
    const expected = JSON.stringify(outcome(plain, "run", [input]));
    for (const [name, exports] of Object.entries({ rewritten, marked })) {
      const got = JSON.stringify(outcome(exports, "run", [input]));
      if (got !== expected) throw new Error(`${name} answers ${got}, expected ${expected}:\n${text}`);
    }
  }
  programs++;
}
