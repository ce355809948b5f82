/**
 * `node tests/bench/kernels/run.ts`: what interruption checks and marks cost in kinds of work, against the same module
 * plain. Needs Debian's clang, lld and wasi-libc.
 */
import { counts, timesOfKernels } from "./times.ts";

const time = await timesOfKernels();
const others = ["checks", "checks and marks"] as const;
const lines = Object.keys(counts).map((kernel) => [
  kernel,
  ...others.map((variant) => time(kernel, variant) / time(kernel, "plain")),
]);
const mean = (column: number): number =>
  Math.exp(lines.reduce((sum, line) => sum + Math.log(line[column] as number), 0) / lines.length);
for (const line of [["kernel", ...others], ...lines, ["geometric mean", ...others.map((_, i) => mean(i + 1))]]) {
  const cells = line.map((cell) => (typeof cell === "number" ? cell.toFixed(2) : cell).padEnd(18));
  process.stdout.write(`${cells.join("").trimEnd()}\n`);
}
