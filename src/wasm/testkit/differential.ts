import { createHash } from "node:crypto";
import { decodeModule } from "../binary/index.ts";
import { added, marks, pagesOfMarks, rewrite } from "../rewrite/index.ts";
import { arm } from "./arm.ts";

type Exports = Record<string, (...args: number[]) => unknown>;

/** What a run leaves behind: answer or trap, memory and globals. */
export function outcome(exports: Record<string, unknown>, name: string, args: number[]): unknown {
  let answer: unknown;
  try {
    answer = (exports as Exports)[name]!(...args);
  } catch (error) {
    answer = String(error);
  }
  const memory = exports["memory"] as WebAssembly.Memory | undefined;
  const globals = Object.entries(exports).flatMap(([name, one]) =>
    one instanceof WebAssembly.Global && name !== added.count ? [String(one.value)] : [],
  );
  return { answer, globals, memory: memory && createHash("sha256").update(Buffer.from(memory.buffer)).digest("hex") };
}

/** The exports of a module as it is, with interruption checks, and with marks too: one memory at most. */
export function threeWays(bytes: Uint8Array, imports: Record<string, Record<string, unknown>> = {}) {
  const module = decodeModule(bytes);
  const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
  const { minimum, maximum } = module.memories[0] ?? { minimum: 0, maximum: 0 };
  const memory = new WebAssembly.Memory({ initial: minimum, ...(maximum === undefined ? {} : { maximum }) });
  const given = { ...imports, [added.module]: { [added.memory(0)]: memory } };
  const rewritten = new WebAssembly.Instance(new WebAssembly.Module(rewrite(module)), given).exports;
  arm(rewritten);
  const beside = new WebAssembly.Memory({ initial: pagesOfMarks() });
  new Uint32Array(beside.buffer)[marks.sizeAt / 4] = minimum;
  const again = new WebAssembly.Memory({ initial: minimum, ...(maximum === undefined ? {} : { maximum }) });
  const marked = new WebAssembly.Instance(new WebAssembly.Module(rewrite(module, { reset: true })), {
    ...imports,
    [added.module]: { [added.memory(0)]: again, [added.marks(0)]: beside },
  }).exports;
  arm(marked);
  return { plain, rewritten, marked };
}
