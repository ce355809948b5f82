import { entry, malformed } from "./failure.ts";
import { coreExport } from "./evaluate.ts";
import type { CoreItem, Graph, ModuleInstance } from "./graph.ts";
import type { FixupShape, ShimShape } from "./shim.ts";
import { fixupShape, shimShape } from "./shim.ts";

interface Shim extends ShimShape {
  fixup: ModuleInstance;
  shape: FixupShape;
  /** Places of imported functions among the fix-up's imports. */
  functions: number[];
}

/** Shims whose functions forward to shims; real ones never do. */
const mostShims = 16;

/** Where core imports really come from, with shims and fix-ups looked through. */
export class Resolver {
  readonly #shims = new Map<ModuleInstance, Shim>();
  readonly #fixups = new Set<ModuleInstance>();

  constructor(graph: Graph) {
    for (const instance of graph.instances) {
      const shape = shimShape(instance.module);
      if (shape === undefined) continue;
      const users = graph.instances.filter((other) => uses(other, instance, shape.table));
      const fixup = users.length === 1 ? users[0]! : undefined;
      const fills = fixup === undefined ? undefined : fixupShape(fixup.module);
      if (fixup === undefined || fills === undefined) continue;
      this.#shims.set(instance, { ...shape, fixup, shape: fills, functions: functionImports(fixup) });
      this.#fixups.add(fixup);
    }
  }

  isShim(instance: ModuleInstance): boolean {
    return this.#shims.has(instance);
  }

  isFixup(instance: ModuleInstance): boolean {
    return this.#fixups.has(instance);
  }

  /** The source of one import of a module instance. */
  import(instance: ModuleInstance, index: number): CoreItem {
    return this.#through(rawImport(instance, index), instance.order);
  }

  /** The same for what a canonical definition names; everything exists by then. */
  item(item: CoreItem): CoreItem {
    return this.#through(item, Number.POSITIVE_INFINITY);
  }

  /** What fills the slot behind a function of a shim, and its slot. */
  fill(
    item: CoreItem & { kind: "export" },
    depth = 0,
  ): { slot: number; table: string; fixup: ModuleInstance; source: CoreItem } | undefined {
    const shim = this.#shims.get(item.instance);
    const slot = shim?.slots.get(item.name);
    const filled = slot === undefined ? undefined : shim!.shape.fills.get(slot);
    if (shim === undefined || slot === undefined || filled === undefined) return undefined;
    const { fixup, table } = shim;
    if (depth > mostShims) return malformed(fixup.at, "expected functions behind a table that end somewhere");
    const source = rawImport(fixup, entry(shim.functions, filled, "an imported function", fixup.at));
    return { slot, table, fixup, source: this.#through(source, fixup.order, depth + 1) };
  }

  /** What a fix-up calls in the end. */
  start(fixup: ModuleInstance): CoreItem | undefined {
    const shim = [...this.#shims.values()].find((found) => found.fixup === fixup);
    if (shim?.shape.start === undefined) return undefined;
    const index = entry(shim.functions, shim.shape.start, "an imported function", fixup.at);
    return this.#through(rawImport(fixup, index), fixup.order);
  }

  /** A function behind a shim is taken directly, unless it belongs to an instance that is not there yet. */
  #through(item: CoreItem, order: number, depth = 0): CoreItem {
    if (item.kind !== "export" || item.sort !== "func") return item;
    const source = this.fill(item, depth)?.source;
    if (source === undefined) return item;
    return source.kind === "export" && source.instance.order >= order ? item : source;
  }
}

function uses(instance: ModuleInstance, shim: ModuleInstance, table: string): boolean {
  return instance.module.imports.some((wanted, i) => {
    if (wanted.kind !== "table") return false;
    const item = rawImport(instance, i);
    return item.kind === "export" && item.instance === shim && item.name === table;
  });
}

function rawImport(instance: ModuleInstance, index: number): CoreItem {
  const wanted = instance.module.imports[index]!;
  const arg = instance.args.get(wanted.module);
  if (arg === undefined) {
    return malformed(
      instance.at,
      `expected an argument "${wanted.module}" for the imports of core module ${instance.module.name ?? ""}`,
    );
  }
  return coreExport(arg, wanted.kind, wanted.name, instance.at);
}

function functionImports({ module }: ModuleInstance): number[] {
  return module.imports.flatMap(({ kind }, index) => (kind === "func" ? [index] : []));
}
