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

/**
 * A new instance of every core module, joined. Synchronous: a start function that loops is ended by the hook.
 * Throws what a trapping start function throws (`WebAssembly.RuntimeError`), and `component-malformed` where
 * types of two modules do not fit each other.
 */
export function instantiate(compiled: Compiled, imports: InstanceImports): ComponentInstance {
  const { manifest, modules } = compiled;
  const made = new Join(manifest, imports);
  for (const step of manifest.steps) {
    if (step.kind === "fill") {
      const table = made.core(step.table) as WebAssembly.Table;
      table.set(step.slot, made.core(step.source));
      continue;
    }
    if (step.kind === "call") {
      (made.core(step.function) as () => void)();
      continue;
    }
    const given: Record<string, Record<string, unknown>> = {};
    for (const { module, name, source } of step.imports) (given[module] ??= {})[name] = made.source(source);
    const { exports } = newInstance(modules[step.module]!, given);
    made.instances.push(exports);
    if (manifest.modules[step.module]!.interruptible) (exports[added.arm] as Arm)(imports.hook, imports.guest);
  }
  return made.finish();
}

function newInstance(
  module: WebAssembly.Module,
  imports: Record<string, Record<string, unknown>>,
): WebAssembly.Instance {
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

type Arm = (hook: InterruptHook, guest: number) => void;

/** One instantiation in progress. */
class Join {
  readonly instances: Record<string, unknown>[] = [];
  readonly #manifest: Manifest;
  readonly #imports: InstanceImports;
  readonly #lowerings: Lowering[];
  readonly #bound = new Map<number, HostImport>();

  constructor(manifest: Manifest, imports: InstanceImports) {
    this.#manifest = manifest;
    this.#imports = imports;
    this.#lowerings = manifest.lowerings.map(({ memory }) => ({
      memory: memory?.kind === "supplied" ? imports.memories[memory.memory] : undefined,
      realloc: undefined,
    }));
  }

  core({ instance, name }: CoreExport): unknown {
    return this.instances[instance]![name];
  }

  source(source: ImportSource): unknown {
    if (source.kind === "export") return this.core(source);
    if (source.kind === "supplied") return this.#imports.memories[source.memory];
    const { use, lowering } = source;
    const key = use * (this.#lowerings.length + 1) + (lowering ?? this.#lowerings.length);
    let found = this.#bound.get(key);
    if (found === undefined) {
      const options = lowering === undefined ? { memory: undefined, realloc: undefined } : this.#lowerings[lowering]!;
      found = this.#imports.bind(this.#manifest.uses[use]!, options);
      this.#bound.set(key, found);
    }
    return found;
  }

  #memory(source: MemorySource | undefined): WebAssembly.Memory | undefined {
    if (source === undefined) return undefined;
    return source.kind === "supplied"
      ? this.#imports.memories[source.memory]
      : (this.core(source) as WebAssembly.Memory);
  }

  #function<T>(source: CoreExport | undefined): T | undefined {
    return source === undefined ? undefined : (this.core(source) as T);
  }

  finish(): ComponentInstance {
    for (const [i, { memory, realloc }] of this.#manifest.lowerings.entries()) {
      this.#lowerings[i]!.memory = this.#memory(memory);
      this.#lowerings[i]!.realloc = this.#function(realloc);
    }
    const exports = new Map<string, GuestFunction>();
    for (const plan of this.#manifest.exports) {
      exports.set(exportKey(plan), {
        plan,
        call: this.core(plan.core) as GuestFunction["call"],
        postReturn: this.#function(plan.postReturn),
        lowering: { memory: this.#memory(plan.memory), realloc: this.#function(plan.realloc) },
      });
    }
    const used = this.#manifest.exports.find(({ memory }) => memory !== undefined)?.memory;
    return { exports, memory: this.#memory(used) ?? this.#imports.memories[0] };
  }
}
