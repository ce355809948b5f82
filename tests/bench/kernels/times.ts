import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeModule, type CoreModule } from "../../../src/wasm/binary/index.ts";
import { added, marks, pagesOfMarks, rewrite } from "../../../src/wasm/rewrite/index.ts";
import { arm } from "../../../src/wasm/testkit/index.ts";
import { native } from "./native.ts";

const rounds = 31;
/** By kernel, a count that takes some tenths of a millisecond. */
export const counts: Record<string, number> = {
  sha256: 2, json: 20, regex: 10, matrix: 4, strlen: 20, fill: 20, copy: 30, sieve: 5, qsort: 2, trees: 10, fib: 22,
}; // prettier-ignore

type Kernels = Record<string, (count: number) => number>;

/** What is compared: the module as it came, with checks, with checks and marks, and the same algorithm in JavaScript. */
export type Variant = "plain" | "checks" | "checks and marks" | "JavaScript";

/**
 * Milliseconds of every kernel in every variant, warm: every round runs all of them, and the sixth fastest round counts, so
 * that other work on the machine hardly does. Throws where two variants do not answer the same.
 */
export async function timesOfKernels(): Promise<(kernel: string, variant: Variant) => number> {
  const plain = decodeModule(await compiled());
  const variants: Record<Variant, Kernels> = {
    plain: start(plain, plain.bytes),
    checks: start(plain, rewrite(plain)),
    "checks and marks": start(plain, rewrite(plain, { reset: true })),
    JavaScript: native,
  };
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [kernel, count] of Object.entries(counts)) {
      const answers = new Set<number>();
      for (const [variant, kernels] of Object.entries(variants)) {
        const run = kernels[kernel];
        if (run === undefined) continue;
        const from = performance.now();
        answers.add(run(count));
        const key = `${kernel} ${variant}`;
        times.set(key, [...(times.get(key) ?? []), performance.now() - from]);
      }
      if (answers.size > 1) throw new Error(`${kernel}: variants answer ${[...answers].join(" and ")}`);
    }
  }
  return (kernel, variant) => times.get(`${kernel} ${variant}`)?.toSorted((a, b) => a - b)[5] ?? Number.NaN;
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

function start(plain: CoreModule, bytes: Uint8Array): Kernels {
  const { minimum } = plain.memories[0]!;
  const memory = new WebAssembly.Memory({ initial: minimum, maximum: 1000 });
  const beside = new WebAssembly.Memory({ initial: pagesOfMarks() });
  new Uint32Array(beside.buffer)[marks.sizeAt / 4] = minimum;
  const imports = { [added.module]: { [added.memory(0)]: memory, [added.marks(0)]: beside } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  if (added.arm in exports) arm(exports);
  return exports as Kernels;
}
