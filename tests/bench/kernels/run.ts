/**
 * `node tests/bench/kernels/run.ts [MODULE …]`: what interruption checks and marks cost in kinds of work, against the same module
 * plain. Without a module `kernels.c` is built, which needs Debian's clang, lld and wasi-libc; else every export of the modules
 * that takes how often, and answers a number, is measured (`others.ts`). What the engine makes part of what differs from process to process: run it several times.
 */
import { readFile } from "node:fs/promises";
import { ratiosOf } from "./others.ts";
import { counts, timesOfKernels } from "./times.ts";

type Line = [kernel: string, checks: number, marked: number];

async function ours(): Promise<Line[]> {
  const time = await timesOfKernels();
  const against = (kernel: string, variant: "checks" | "checks and marks"): number =>
    time(kernel, variant) / time(kernel, "plain");
  return Object.keys(counts).map((kernel) => [kernel, against(kernel, "checks"), against(kernel, "checks and marks")]);
}

function print(lines: readonly Line[]): void {
  const mean = (column: 1 | 2): number =>
    Math.exp(lines.reduce((sum, line) => sum + Math.log(line[column]), 0) / lines.length);
  const rows = [["kernel", "checks", "checks and marks"], ...lines, ["geometric mean", mean(1), mean(2)]];
  for (const row of rows) {
    const cells = row.map((cell) => (typeof cell === "number" ? cell.toFixed(2) : cell).padEnd(18));
    process.stdout.write(`${cells.join("").trimEnd()}\n`);
  }
}

const modules = process.argv.slice(2);
if (modules.length === 0) print(await ours());
for (const module of modules) print(await ratiosOf(new Uint8Array(await readFile(module))));
