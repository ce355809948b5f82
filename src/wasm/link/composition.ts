import { malformed } from "./failure.ts";
import { callbackSignature, coreSignature } from "./flat.ts";
import type { BuiltInUse } from "../host/contract.ts";
import type {
  BuiltIn,
  CoreItem,
  LiftedFunc,
  LowerItem,
  ModuleInstance,
  Part,
  Resource,
  ResourceItem,
} from "./graph.ts";
import type { CompositionPlan, CrossingPlan, LiftPlan, ResourcePlan } from "./crossing-plan.ts";
import type { ImportSource } from "./manifest.ts";
import { CrossingTypes } from "./crossing-types.ts";
import type { Tables } from "./tables.ts";

/** What crosses between the components that one is composed of: a call, or a resource that one of them defines. */
type Crossing = LowerItem<LiftedFunc> | ResourceItem;

export function crosses(item: CoreItem): item is Crossing {
  if (item.kind === "lower") return item.func.kind === "lift";
  if (item.kind === "drop") return item.resource.defined !== undefined;
  return item.kind === "new" || item.kind === "rep";
}

/** What only the asynchronous ABI has. */
function isAsync(item: CoreItem): boolean {
  if (item.kind === "built-in") return true;
  if (item.kind !== "lower") return false;
  if (item.async) return true;
  if (item.func.kind !== "lift") return false;
  const { params, result } = item.func.type;
  return mayBlock(item.func) || [...params, result].some((shape) => shape?.flows);
}

function mayBlock({ type, manner }: LiftedFunc): boolean {
  return type.async || manner !== "plain";
}

/** The composition of a manifest while it is made. */
export class Composition {
  readonly #tables: Tables;
  /** Several components, of which some take calls asynchronously, or make them so. */
  readonly isAsync: boolean;
  readonly #owners = new Map<Part, number>();
  readonly #crossings: CrossingPlan[] = [];
  readonly #found = new Map<string, number>();
  readonly #resources: ResourcePlan[] = [];
  readonly #resourceOf = new Map<Resource, number>();
  readonly #funcs = new Map<LiftedFunc, number>();
  readonly #types = new CrossingTypes((resource, at) => this.#resource(resource, at));

  constructor(
    tables: Tables,
    instances: readonly ModuleInstance[],
    exports: readonly LiftedFunc[],
    imported: (instance: ModuleInstance, index: number) => CoreItem,
  ) {
    this.#tables = tables;
    for (const { part } of instances) if (!this.#owners.has(part)) this.#owners.set(part, this.#owners.size);
    const uses = (instance: ModuleInstance): boolean =>
      instance.module.imports.some((_, index) => isAsync(imported(instance, index)));
    this.isAsync = this.#owners.size > 1 && (exports.some(mayBlock) || instances.some(uses));
  }

  /** The number of an instance of a component that runs code; undefined where there is only one. */
  owner(part: Part): number | undefined {
    return this.#owners.size > 1 ? this.#number(part) : undefined;
  }

  #number(part: Part): number {
    return this.#owners.get(part) ?? malformed(part.at, "expected a component that has core modules");
  }

  source(item: Crossing, importer: ModuleInstance, index: number): ImportSource {
    const crossing = item.kind === "lower" ? this.#call(item, importer, index) : this.#use(item, importer, index);
    return { kind: "crossing", crossing };
  }

  plan(): { composition?: CompositionPlan } {
    if (this.#owners.size <= 1 && this.#crossings.length === 0) return {};
    const plan = { types: this.#types.plans, resources: this.#resources, crossings: this.#crossings };
    return { composition: this.isAsync ? { ...plan, parents: this.#parents(), parts: this.#owners.size } : plan };
  }

  /** The type of what a built-in moves, where that may have to be lifted from one component to another. */
  typed({ use, value, at }: BuiltIn): BuiltInUse {
    if (!this.isAsync) return use;
    return { ...use, type: value === undefined ? null : this.#types.of(value, at) };
  }

  /** How a function is called that the component exports. */
  lifted(func: LiftedFunc): LiftPlan | undefined {
    return this.isAsync ? this.#lift(func, func.part.at) : undefined;
  }

  #lift(func: LiftedFunc, at: number): LiftPlan {
    const { params, result } = func.type;
    return {
      mayBlock: mayBlock(func),
      manner: func.manner,
      params: params.map((shape) => this.#types.of(shape, at)),
      result: result === undefined ? null : this.#types.ofResult(result, at),
    };
  }

  #parents(): number[] {
    const parts = [...this.#owners.keys()];
    for (let i = 0; i < parts.length; i++) {
      const { parent } = parts[i]!;
      if (parent !== undefined && !parts.includes(parent)) parts.push(parent);
    }
    return parts.map(({ parent }) => (parent === undefined ? -1 : parts.indexOf(parent)));
  }

  #call(item: LowerItem<LiftedFunc>, importer: ModuleInstance, index: number): number {
    const { func, at } = item;
    const { params, result } = func.type;
    const name = func.name === "" ? "a function" : func.name;
    const signature = coreSignature(params, result, "lower", item.async ? "async" : "plain");
    this.#tables.checkImport(signature, importer, index, name);
    const lifted = coreSignature(params, result, "lift", func.manner);
    const { postReturn, callback } = func;
    const plan: CrossingPlan = {
      kind: "call",
      name,
      caller: this.#number(item.part),
      callee: this.#number(func.part),
      async: item.async,
      ...this.#lift(func, at),
      core: this.#tables.coreExport(func.core, lifted, name),
      postReturn:
        postReturn === undefined
          ? null
          : this.#tables.coreExport(postReturn, { params: lifted.results, results: [] }, `post-return of ${name}`),
      callback:
        callback === undefined ? null : this.#tables.coreExport(callback, callbackSignature, `callback of ${name}`),
      lower: this.#tables.options(item),
      lift: this.#tables.options(func),
      signature,
    };
    this.#types.checkMemory(params, result, item, func, name);
    return this.#once(JSON.stringify([this.#numberOf(func), plan]), plan);
  }

  /** Functions that look alike may still be of two instances. */
  #numberOf(func: LiftedFunc): number {
    const found = this.#funcs.get(func) ?? this.#funcs.size;
    this.#funcs.set(func, found);
    return found;
  }

  #use({ kind, resource, part, at }: ResourceItem, importer: ModuleInstance, index: number): number {
    const signature = { params: ["i32" as const], results: kind === "drop" ? [] : ["i32" as const] };
    const found = this.#resource(resource, at);
    this.#tables.checkImport(signature, importer, index, `resource.${kind} of ${this.#resources[found]!.name}`);
    const plan: CrossingPlan = { kind, caller: this.#number(part), resource: found, signature };
    return this.#once(JSON.stringify(plan), plan);
  }

  #once(key: string, plan: CrossingPlan): number {
    let found = this.#found.get(key);
    if (found === undefined) this.#found.set(key, (found = this.#crossings.push(plan) - 1));
    return found;
  }

  #resource(resource: Resource, at: number): number {
    let found = this.#resourceOf.get(resource);
    if (found === undefined) {
      found = this.#resources.push(this.#resourcePlan(resource, at)) - 1;
      this.#resourceOf.set(resource, found);
    }
    return found;
  }

  #resourcePlan({ interface: from, version, name, defined }: Resource, at: number): ResourcePlan {
    if (defined === undefined) {
      if (from === "") return malformed(at, `expected a resource of an interface, got ${name}`);
      this.#tables.checkResource({ kind: "drop", interface: from, version, resource: name });
      return { kind: "host", interface: from, version, name };
    }
    const { part, destructor } = defined;
    const signature = { params: ["i32" as const], results: [] };
    const core = destructor && this.#tables.coreExport(destructor, signature, `destructor of ${name}`);
    // One without core modules can make none of them: a number that nobody else has does.
    const owner = this.#owners.get(part) ?? this.#owners.size;
    return { kind: "defined", name: name || "resource", owner, destructor: core ?? null };
  }
}
