import { Worker } from "node:worker_threads";
import type { Said, Work } from "./worker.ts";

export interface Fuzzing {
  /** Files that are damaged. */
  seeds: Uint8Array[];
  /** Number of the first input; the same number gives the same input for the same files. */
  first: number;
  seconds: number;
}

export interface Finding {
  seed: number;
  what: string;
}

export interface Fuzzed {
  inputs: number;
  /** Taken, not refused. */
  taken: number;
  programs: number;
  findings: Finding[];
}

/** Megabytes of heap for one input and the files, which are some MB. */
const heap = 512;
/** Milliseconds for one input of at most some hundred kB: most take one. Generous, since the machine may be busy. */
const patience = 60_000;
/** After so many a person should look first. */
const mostFindings = 20;

/**
 * Tries damaged files until the time is over: each must be taken or refused with a reason, in little time and memory. A
 * worker that ends or stands still is a finding too, and another one goes on behind it.
 */
export async function fuzz({ seeds, first, seconds }: Fuzzing): Promise<Fuzzed> {
  const until = performance.now() + seconds * 1000;
  const sum: Fuzzed = { inputs: 0, taken: 0, programs: 0, findings: [] };
  let next = first;
  do {
    const work: Work = { seeds, first: next, time: Math.max(until - performance.now(), 1) };
    next = await one(work, sum);
  } while (performance.now() < until && sum.findings.length < mostFindings);
  return sum;
}

/** Resolves to the number to go on with. */
function one(work: Work, sum: Fuzzed): Promise<number> {
  const resourceLimits = { maxOldGenerationSizeMb: heap };
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: work, resourceLimits });
  return new Promise((resolve) => {
    let seed = work.first;
    let timer: NodeJS.Timeout | undefined;
    const find = (what: string): void => void sum.findings.push({ seed, what });
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        find(`took more than ${patience} ms`);
        void worker.terminate();
      }, patience);
    };
    watch();
    worker.on("message", (said: Said) => {
      watch();
      if (said.kind === "trying") seed = said.seed;
      else if (said.kind === "found") find(said.what);
      else {
        sum.inputs += said.inputs;
        sum.taken += said.taken;
        sum.programs += said.programs;
      }
    });
    worker.on("error", (error) => find(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.on("exit", () => {
      clearTimeout(timer);
      resolve(seed + 1);
    });
  });
}
