import { decodeModule, type CoreModule, type MemoryType } from "../../../src/wasm/binary/index.ts";
import { makeMemory } from "../../../src/wasm/instances/memories.ts";
import { interruptHook } from "../../../src/wasm/link/index.ts";
import { memoryPlan } from "../../../src/wasm/link/manifest.ts";
import { whyAnew } from "../../../src/wasm/prepare/reset.ts";
import { added, marks, pagesOfMarks, rewrite, scan } from "../../../src/wasm/rewrite/index.ts";
import { arm } from "../../../src/wasm/testkit/index.ts";

/** How modules run: as they are, with checks, or with marks too where they may be reset. */
export const ways = ["plain", "checked", "marked"] as const;
export type Way = (typeof ways)[number];

type Exports = Record<string, unknown>;
type Imports = Record<string, Record<string, unknown>>;

const hook = interruptHook(() => 0);
const mostPages = { narrow: 65_535, wide: 262_144 };

/** The instances of one script, all of one way. */
export class World {
  readonly way: Way;
  readonly registered = new Map<string, Exports>();
  readonly #beside = new WeakMap<object, WebAssembly.Memory>();

  constructor(way: Way) {
    this.way = way;
    this.registered.set("spectest", spectest(way === "plain"));
  }

  /** Throws where the module does not link or start. @param rewritten by way; undefined: it is plain here too. */
  instance(bytes: Uint8Array, rewritten: Uint8Array | undefined): Exports {
    const module = decodeModule(bytes);
    const imports: Imports = {};
    for (const { module: from, name } of module.imports)
      (imports[from] ??= Object.create(null) as Exports)[name] = this.registered.get(from)?.[name];
    if (rewritten !== undefined) this.#supply(module, imports);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten ?? bytes), imports);
    if (rewritten !== undefined) arm(exports, hook);
    return exports;
  }

  #supply(module: CoreModule, imports: Imports): void {
    const own: Exports = (imports[added.module] = {});
    const imported = module.imports.filter(({ kind }) => kind === "memory");
    for (const [i, memory] of module.memories.entries()) {
      const from = imported[i];
      const supplied = from === undefined ? memoryOf(memory) : (imports[from.module]![from.name] as WebAssembly.Memory);
      if (from === undefined) own[added.memory(i - imported.length)] = supplied;
      if (this.way === "marked" && supplied instanceof WebAssembly.Memory)
        own[added.marks(i)] = this.#marksOf(supplied);
    }
  }

  #marksOf(memory: WebAssembly.Memory): WebAssembly.Memory {
    let beside = this.#beside.get(memory);
    if (beside === undefined) {
      beside = new WebAssembly.Memory({ initial: pagesOfMarks() });
      new Uint32Array(beside.buffer)[marks.sizeAt / 4] = memory.buffer.byteLength / 65_536;
      this.#beside.set(memory, beside);
    }
    return beside;
  }
}

/** The module in one way, or why it is refused; undefined: as it is. */
export function rewrittenFor(way: Way, bytes: Uint8Array): Uint8Array | undefined {
  if (way === "plain") return undefined;
  const module = decodeModule(bytes);
  const scanned = scan(module);
  return rewrite(module, { scanned, reset: way === "marked" && whyAnew([module], [scanned]) === undefined });
}

function memoryOf(memory: MemoryType): WebAssembly.Memory {
  const { maximum = Infinity, wide } = memory;
  const most = Math.min(maximum, wide ? mostPages.wide : mostPages.narrow);
  return makeMemory(memoryPlan(memory), most);
}

/** What scripts may import. @param shared the memory of that name is: rewritten modules take none that is. */
function spectest(shared: boolean): Exports {
  const nothing = (): void => {};
  const global = (value: "i32" | "i64" | "f32" | "f64", of: number | bigint) => new WebAssembly.Global({ value }, of);
  const names = ["print", "print_i32", "print_i64", "print_f32", "print_f64", "print_i32_f32", "print_f64_f64"];
  return {
    ...Object.fromEntries(names.map((name) => [name, nothing])),
    global_i32: global("i32", 666),
    global_i64: global("i64", 666n),
    global_f32: global("f32", 666.6),
    global_f64: global("f64", 666.6),
    table: new WebAssembly.Table({ element: "anyfunc", initial: 10, maximum: 20 }),
    table64: new WebAssembly.Table({ address: "i64", element: "anyfunc", initial: 10n, maximum: 20n } as never),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
    shared_memory: new WebAssembly.Memory({ initial: 1, maximum: 2, shared }),
  };
}
