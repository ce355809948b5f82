import { BandstandError } from "../../foundation/errors/index.ts";
import type { Lowering } from "../host/contract.ts";
import { added } from "../rewrite/names.ts";
import type {
  Compiled,
  ComponentInstance,
  GuestFunction,
  HostImport,
  InstanceImports,
  InterruptHook,
} from "./instance.ts";
import type { CoreExport, ImportSource, Manifest, MemorySource } from "./manifest.ts";
import { exportKey } from "./manifest.ts";

type Imports = Record<string, Record<string, unknown>>;
type Arm = (hook: InterruptHook, guest: number) => void;

/** One step of the manifest with all that does not change from instance to instance already in it. */
type Ready =
  | {
      kind: "instantiate";
      module: WebAssembly.Module;
      imports: Imports;
      /** What comes from instances made before: put into `imports` each time. */
      later: { into: Record<string, unknown>; name: string; source: CoreExport }[];
      armed: boolean;
    }
  | { kind: "fill"; table: CoreExport; slot: number; source: CoreExport }
  | { kind: "call"; function: CoreExport };

/**
 * A place where instances of one component live one after the other, with memories, host functions and
 * import objects bound once. At most one instance may be in use at a time: they share memories and lowerings.
 */
export class Place {
  readonly #manifest: Manifest;
  readonly #given: InstanceImports;
  readonly #lowerings: Lowering[];
  readonly #bound = new Map<number, HostImport>();
  readonly #steps: Ready[];
  #instances: Record<string, unknown>[] = [];

  constructor({ manifest, modules }: Compiled, imports: InstanceImports) {
    this.#manifest = manifest;
    this.#given = imports;
    this.#lowerings = manifest.lowerings.map(({ memory }) => ({
      memory: memory?.kind === "supplied" ? imports.memories[memory.memory] : undefined,
      realloc: undefined,
    }));
    this.#steps = manifest.steps.map((step) => {
      if (step.kind !== "instantiate") return step;
      const ready: Ready & { kind: "instantiate" } = {
        kind: "instantiate",
        module: modules[step.module]!,
        imports: {},
        later: [],
        armed: manifest.modules[step.module]!.interruptible,
      };
      for (const { module, name, source } of step.imports) {
        const into = (ready.imports[module] ??= {});
        if (source.kind === "export") ready.later.push({ into, name, source });
        else into[name] = this.#constant(source);
      }
      return ready;
    });
  }

  /**
   * A new instance of every core module, joined. The host has zeroed the memories. Throws what a trapping
   * start function throws (`WebAssembly.RuntimeError`), and `component-malformed` where types of two modules
   * do not fit each other.
   */
  instantiate(): ComponentInstance {
    this.#instances = [];
    for (const lowering of this.#lowerings) lowering.realloc = undefined;
    for (const step of this.#steps) {
      if (step.kind === "instantiate") this.#make(step);
      else if (step.kind === "fill")
        (this.#core(step.table) as WebAssembly.Table).set(step.slot, this.#core(step.source));
      else (this.#core(step.function) as () => void)();
    }
    return this.#finish();
  }

  #make({ module, imports, later, armed }: Ready & { kind: "instantiate" }): void {
    for (const { into, name, source } of later) into[name] = this.#core(source);
    const { exports } = newInstance(module, imports);
    this.#instances.push(exports);
    if (armed) (exports[added.arm] as Arm)(this.#given.hook, this.#given.guest);
  }

  #core({ instance, name }: CoreExport): unknown {
    return this.#instances[instance]![name];
  }

  #constant(source: Exclude<ImportSource, { kind: "export" }>): unknown {
    if (source.kind === "supplied") return this.#given.memories[source.memory];
    const { use, lowering } = source;
    const none = this.#lowerings.length;
    const key = use * (none + 1) + (lowering ?? none);
    let found = this.#bound.get(key);
    if (found === undefined) {
      const options = lowering === undefined ? { memory: undefined, realloc: undefined } : this.#lowerings[lowering]!;
      found = this.#given.bind(this.#manifest.uses[use]!, options);
      this.#bound.set(key, found);
    }
    return found;
  }

  #memory(source: MemorySource | undefined): WebAssembly.Memory | undefined {
    if (source === undefined) return undefined;
    return source.kind === "supplied"
      ? this.#given.memories[source.memory]
      : (this.#core(source) as WebAssembly.Memory);
  }

  #function<T>(source: CoreExport | undefined): T | undefined {
    return source === undefined ? undefined : (this.#core(source) as T);
  }

  #finish(): ComponentInstance {
    const { lowerings, exports: plans } = this.#manifest;
    for (let i = 0; i < lowerings.length; i++) {
      this.#lowerings[i]!.memory = this.#memory(lowerings[i]!.memory);
      this.#lowerings[i]!.realloc = this.#function(lowerings[i]!.realloc);
    }
    const exports = new Map<string, GuestFunction>();
    for (const plan of plans) {
      exports.set(exportKey(plan), {
        plan,
        call: this.#core(plan.core) as GuestFunction["call"],
        postReturn: this.#function(plan.postReturn),
        lowering: { memory: this.#memory(plan.memory), realloc: this.#function(plan.realloc) },
      });
    }
    const used = plans.find(({ memory }) => memory !== undefined)?.memory;
    return { exports, memory: this.#memory(used) ?? this.#given.memories[0] };
  }
}

function newInstance(module: WebAssembly.Module, imports: Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    throw new BandstandError("component-malformed", `core modules do not fit each other: ${cause.message}`, {
      cause,
      remedy: "Build the component again; if that gives the same, its toolchain is at fault.",
    });
  }
}
