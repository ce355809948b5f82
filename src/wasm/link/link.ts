import type { Component, CoreModule } from "../binary/index.ts";
import { added } from "../rewrite/names.ts";
import { Composition, crosses } from "./composition.ts";
import { evaluate } from "./evaluate.ts";
import { malformed, unsupported } from "./failure.ts";
import type { Signature } from "./flat.ts";
import { callbackSignature, coreSignature } from "./flat.ts";
import type { CoreItem, Item, LiftedFunc, ModuleInstance } from "./graph.ts";
import type { ExportPlan, ImportPlan, ImportSource, Manifest, Step } from "./manifest.ts";
import { interfaceName } from "./names.ts";
import { Resolver } from "./resolve.ts";
import { starterShape } from "./shim.ts";
import type { HostLookup } from "./tables.ts";
import { reallocSignature, Tables } from "./tables.ts";

/** The manifest and the core modules that it instantiates, as they came. */
export interface Linked {
  manifest: Manifest;
  modules: CoreModule[];
}

/**
 * Works out how the core modules of a component are joined. Pure.
 * Throws `component-malformed` where the component contradicts itself and `component-unsupported` where it
 * needs what this host does not have.
 */
export function link(component: Component, lookup: HostLookup): Linked {
  return new Linker(component, lookup).link();
}

const procedure: Signature = { params: [], results: [] };

class Linker {
  readonly #instances: ModuleInstance[];
  readonly #exports: { name: string; item: Item }[];
  readonly #resolver: Resolver;
  readonly #tables: Tables;
  readonly #composition: Composition;
  readonly #modules: CoreModule[] = [];
  /** Places of instantiate steps. */
  readonly #places = new Map<ModuleInstance, number>();
  /** Functions of shims that are still needed, by shim. */
  readonly #kept = new Map<ModuleInstance, Set<string>>();

  constructor(component: Component, lookup: HostLookup) {
    const graph = evaluate(component);
    this.#instances = graph.instances;
    this.#exports = graph.exports;
    this.#resolver = new Resolver(graph);
    this.#tables = new Tables(
      this.#resolver,
      lookup,
      (instance) => this.#place(instance),
      (part) => this.#composition.owner(part),
    );
    const imported = (instance: ModuleInstance, index: number): CoreItem => this.#resolver.import(instance, index);
    this.#composition = new Composition(this.#tables, this.#instances, exportedFunctions(this.#exports), imported);
  }

  link(): Linked {
    this.#findKeptShims();
    const kept = this.#instances.filter((instance) => !this.#resolver.isShim(instance) || this.#kept.has(instance));
    for (const instance of kept) {
      if (this.#resolver.isFixup(instance) || this.#started(instance) !== undefined) continue;
      this.#places.set(instance, this.#places.size);
      this.#tables.addMemories(instance);
    }
    const steps = kept.flatMap((instance) => this.#steps(instance));
    const exports = this.#exports.flatMap(({ name, item }) => this.#exported(name, item));
    this.#tables.refuseMissing();
    const { uses, lowerings, memories } = this.#tables;
    const modules = this.#modules.map(({ name }) => ({ name, interruptible: false }));
    const composition = this.#composition.plan();
    const manifest = { modules, reset: false, memories, uses, lowerings, steps, exports, ...composition };
    return { manifest, modules: this.#modules };
  }

  #steps(instance: ModuleInstance): Step[] {
    if (this.#resolver.isFixup(instance)) return this.#fills(instance);
    const started = this.#started(instance);
    if (started !== undefined)
      return [{ kind: "call", function: this.#tables.coreExport(started, procedure, "start function") }];
    return [this.#instantiate(instance)];
  }

  /** The function that a module calls which does nothing else. */
  #started(instance: ModuleInstance): CoreItem | undefined {
    if (!starterShape(instance.module)) return undefined;
    const item = this.#resolver.import(instance, 0);
    return item.kind === "export" ? item : undefined;
  }

  /** A shim stays for functions of instances that are made after the one that imports them. */
  #findKeptShims(): void {
    for (const instance of this.#instances) {
      if (this.#resolver.isFixup(instance)) continue;
      for (const index of instance.module.imports.keys()) {
        const item = this.#resolver.import(instance, index);
        if (item.kind !== "export" || !this.#resolver.isShim(item.instance)) continue;
        const names = this.#kept.get(item.instance) ?? new Set();
        this.#kept.set(item.instance, names.add(item.name));
      }
    }
  }

  #instantiate(instance: ModuleInstance): Step {
    const { module } = instance;
    let place = this.#modules.indexOf(module);
    if (place < 0) place = this.#modules.push(module) - 1;
    const imports: ImportPlan[] = module.imports.map((wanted, index) => ({
      module: wanted.module,
      name: wanted.name,
      source: this.#source(this.#resolver.import(instance, index), instance, index),
    }));
    const first = this.#tables.firstMemory(instance);
    for (let own = 0; own < module.memories.length - module.importedMemories; own++) {
      imports.push({
        module: added.module,
        name: added.memory(own),
        source: { kind: "supplied", memory: first + own },
      });
    }
    return { kind: "instantiate", module: place, imports };
  }

  #source(item: CoreItem, importer: ModuleInstance, index: number): ImportSource {
    if (crosses(item)) return this.#composition.source(item, importer, index);
    if (item.kind !== "export") {
      const asked = item.kind === "built-in" ? { ...item, use: this.#composition.typed(item) } : item;
      return {
        kind: "host",
        use: this.#tables.use(asked, importer, index),
        lowering: this.#tables.lowering(asked, importer.at),
      };
    }
    if (item.sort === "memory") return this.#tables.importedMemory(item, importer, index);
    if (item.instance.order >= importer.order)
      malformed(importer.at, "expected imports from core instances made before");
    return { kind: "export", instance: this.#place(item.instance), name: item.name };
  }

  #fills(fixup: ModuleInstance): Step[] {
    const steps: Step[] = [];
    for (const [shim, names] of this.#kept) {
      for (const name of names) {
        const fill = this.#resolver.fill({ kind: "export", sort: "func", instance: shim, name });
        if (fill?.fixup !== fixup || fill.source.kind !== "export") continue;
        const table = { instance: this.#place(shim), name: fill.table };
        steps.push({
          kind: "fill",
          table,
          slot: fill.slot,
          source: { instance: this.#place(fill.source.instance), name: fill.source.name },
        });
      }
    }
    const start = this.#resolver.start(fixup);
    if (start !== undefined)
      steps.push({ kind: "call", function: this.#tables.coreExport(start, procedure, "start function") });
    return steps;
  }

  #place(instance: ModuleInstance): number {
    return (
      this.#places.get(instance) ?? malformed(instance.at, "expected a core instance that exists before it is used")
    );
  }

  #exported(name: string, item: Item): ExportPlan[] {
    if (item.sort === "func") return [this.#function(undefined, "", name, item.func)];
    if (item.sort !== "instance") return [];
    const { interface: from, version } = interfaceName(name);
    return [...item.instance.exports].flatMap(([inner, found]) =>
      found.sort === "func" ? [this.#function(from, version, inner, found.func)] : [],
    );
  }

  #function(
    from: string | undefined,
    version: string,
    name: string,
    func: Extract<Item, { sort: "func" }>["func"],
  ): ExportPlan {
    if (func.kind === "host") {
      return unsupported(
        `the component exports ${func.interface}#${func.name} of the host`,
        "Export functions of its own.",
      );
    }
    return { interface: from, version, name, ...this.#lifted(func, name) };
  }

  #lifted(func: LiftedFunc, name: string) {
    const owner = this.#composition.owner(func.part);
    const wanted = coreSignature(func.type.params, func.type.result, "lift", func.manner);
    const core = this.#tables.coreExport(func.core, wanted, `export ${name}`);
    const { postReturn, callback, realloc } = func;
    const after: Signature = { params: wanted.results, results: [] };
    return {
      core,
      ...wanted,
      postReturn: postReturn && this.#tables.coreExport(postReturn, after, `post-return of ${name}`),
      memory: func.memory && this.#tables.pointedAt(func.memory),
      realloc: realloc && this.#tables.coreExport(realloc, reallocSignature, "realloc"),
      ...(owner !== undefined && { owner }),
      ...(this.#composition.isAsync && { lift: this.#composition.lifted(func)!, encoding: func.encoding }),
      ...(func.manner !== "plain" && { async: true as const }),
      ...(callback && { callback: this.#tables.coreExport(callback, callbackSignature, `callback of ${name}`) }),
    };
  }
}

function exportedFunctions(exports: readonly { item: Item }[]): LiftedFunc[] {
  // Instances that export each other twice, thirty deep, have a billion paths.
  const seen = new Set<unknown>();
  const of = (item: Item): LiftedFunc[] => {
    if (item.sort === "func") return item.func.kind === "lift" ? [item.func] : [];
    if (item.sort !== "instance" || seen.has(item.instance)) return [];
    seen.add(item.instance);
    return [...item.instance.exports.values()].flatMap(of);
  };
  return exports.flatMap(({ item }) => of(item));
}
