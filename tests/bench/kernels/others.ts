import { setTimeout } from "node:timers/promises";
import type { CoreModule } from "../../../src/wasm/binary/index.ts";
import { decodeModule } from "../../../src/wasm/binary/index.ts";
import { added, marks, pagesOfMarks, rewrite } from "../../../src/wasm/rewrite/index.ts";
import { arm } from "../../../src/wasm/testkit/index.ts";

type Kernel = (count: number) => number;
type Exports = Record<string, unknown>;

const rounds = 15;
/** Milliseconds that a variant runs before it is measured, and how often: the engine compiles anew meanwhile, beside it. */
const [warm, times, pause] = [60, 3, 20];
/** Milliseconds of one measurement. */
const span = 0.5;

/**
 * By kernel of a module of others, how long it takes with checks, and with checks and marks, by how long the module plain takes. A
 * kernel is an export that takes how often, and answers a number. Such modules are commands or reactors of WASI 0.1, or
 * import nothing but `env.abort`.
 */
export async function ratiosOf(bytes: Uint8Array): Promise<[kernel: string, checks: number, marked: number][]> {
  const plain = decodeModule(bytes);
  const variants = [bytes, rewrite(plain), rewrite(plain, { reset: true })].map((code) => start(plain, code));
  const found: [string, number, number][] = [];
  for (const name of kernelsOf(plain)) {
    const kernels = variants.map((exports) => exports[name] as Kernel);
    const count = await warmUp(kernels);
    const measured = kernels.map((): number[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [n, kernel] of kernels.entries()) measured[n]!.push(millisecondsOf(kernel, count));
    const [base, checks, marked] = measured.map((all) => all.toSorted((a, b) => a - b)[3]!);
    found.push([name, checks! / base!, marked! / base!]);
  }
  return found;
}

function kernelsOf(module: CoreModule): string[] {
  const isNumber = (types: readonly number[]): boolean => types.length === 1 && types[0] === 0x7f;
  return module.exports
    .filter(({ kind, name }) => kind === "func" && !/^_|^cabi|^malloc$|^free$/.test(name))
    .filter(({ index }) => {
      const { params, results } = module.types[module.functions[index]!]!;
      return isNumber(params) && isNumber(results);
    })
    .map(({ name }) => name);
}

/** Answers how often a kernel is to run for one measurement. */
async function warmUp(kernels: readonly Kernel[]): Promise<number> {
  const [plain] = kernels;
  let count = 1;
  while (millisecondsOf(plain!, count) < 2 && count < 1_000_000) count *= 2;
  for (let n = 0; n < times; n++) {
    for (const kernel of kernels) for (const end = performance.now() + warm; performance.now() < end;) kernel(count);
    await setTimeout(pause);
  }
  const best = Math.min(...Array.from({ length: 5 }, () => millisecondsOf(plain!, count)));
  return Math.max(1, Math.round((count * span) / best));
}

function millisecondsOf(kernel: Kernel, count: number): number {
  const from = performance.now();
  kernel(count);
  return performance.now() - from;
}

function start(plain: CoreModule, bytes: Uint8Array): Exports {
  const { minimum } = plain.memories[0]!;
  const memory = new WebAssembly.Memory({ initial: minimum, maximum: 4000 });
  const beside = new WebAssembly.Memory({ initial: pagesOfMarks() });
  new Uint32Array(beside.buffer)[marks.sizeAt / 4] = minimum;
  const module = new WebAssembly.Module(bytes);
  const held = { memory };
  const { exports } = new WebAssembly.Instance(module, {
    ...system(held),
    [added.module]: { [added.memory(0)]: memory, [added.marks(0)]: beside },
  });
  if (exports["memory"] instanceof WebAssembly.Memory) held.memory = exports["memory"];
  if (added.arm in exports) arm(exports);
  (exports["_initialize"] as (() => void) | undefined)?.();
  return exports;
}

/** As much of WASI 0.1 as runtimes ask for before and while they compute: no arguments, no files, and a clock. */
function system(held: { memory: WebAssembly.Memory }): Record<string, Record<string, unknown>> {
  const view = (): DataView => new DataView(held.memory.buffer);
  const empty = (count: number, size: number): number => {
    view().setUint32(count, 0, true);
    view().setUint32(size, 0, true);
    return 0;
  };
  const known: Record<string, (...values: never[]) => number> = {
    args_sizes_get: empty,
    environ_sizes_get: empty,
    clock_time_get: (_clock: number, _precision: bigint, to: number) => {
      view().setBigUint64(to, BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    },
    fd_prestat_get: () => 8,
    proc_exit: (code: number) => {
      throw new Error(`the module ended with ${code}`);
    },
  };
  const all = new Proxy({}, { get: (_, name) => known[String(name)] ?? (() => 0) });
  const abort = (): never => {
    throw new Error("the module called abort");
  };
  return { wasi_snapshot_preview1: all, env: { abort } };
}
