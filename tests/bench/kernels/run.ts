/**
 * `node tests/bench/kernels/run.ts`: what interruption checks and marks cost in kinds of work, against the same module
 * plain. Every round runs every kernel in every variant; the sixth fastest round counts, so that other work on the
 * machine hardly does. Needs Debian's clang, lld and wasi-libc.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeModule } from "../../../src/wasm/binary/index.ts";
import { interruptHook } from "../../../src/wasm/link/index.ts";
import { added, marks, rewrite } from "../../../src/wasm/rewrite/index.ts";

const rounds = 31;
/** By kernel, a count that takes some tenths of a millisecond. */
const counts: Record<string, number> = {
  sha256: 2, json: 20, regex: 10, matrix: 4, strlen: 20, fill: 20, copy: 30, sieve: 5, qsort: 2, trees: 10, fib: 22,
}; // prettier-ignore

type Kernels = Record<string, (count: number) => number>;

const plain = decodeModule(await compiled());
const variants: Record<string, Kernels> = {
  plain: start(plain.bytes),
  checks: start(rewrite(plain)),
  "checks and marks": start(rewrite(plain, { reset: true })),
};
const times = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  for (const [kernel, count] of Object.entries(counts)) {
    for (const [variant, kernels] of Object.entries(variants)) {
      const from = performance.now();
      kernels[kernel]!(count);
      const key = `${kernel} ${variant}`;
      times.set(key, [...(times.get(key) ?? []), performance.now() - from]);
    }
  }
}
const time = (kernel: string, variant: string): number =>
  times.get(`${kernel} ${variant}`)!.toSorted((a, b) => a - b)[5]!;
const others = Object.keys(variants).slice(1);
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

async function compiled(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "bandstand-kernels-"));
  try {
    const target = join(folder, "kernels.wasm");
    const options = ["--target=wasm32-wasi", "--sysroot=/usr", "-O2", "-mexec-model=reactor", "-Wl,--strip-all"];
    await promisify(execFile)("clang", [...options, "-o", target, join(import.meta.dirname, "kernels.c")]);
    return new Uint8Array(await readFile(target));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function start(bytes: Uint8Array): Kernels {
  const { minimum } = plain.memories[0]!;
  const memory = new WebAssembly.Memory({ initial: minimum, maximum: 1000 });
  const beside = new WebAssembly.Memory({ initial: marks.pages });
  new Uint32Array(beside.buffer)[marks.sizeAt / 4] = minimum;
  const imports = { [added.module]: { [added.memory(0)]: memory, [added.marks(0)]: beside } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  (exports[added.arm] as ((hook: unknown, guest: number) => void) | undefined)?.(
    interruptHook(() => 0),
    0,
  );
  return exports as Kernels;
}
