import type { MemoryType } from "../binary/module.ts";
import type { CoreType, HostUse } from "../host/contract.ts";
import type { CompositionPlan, LiftPlan } from "./crossing-plan.ts";
import type { Range } from "./ranges.ts";

/**
 * How the core modules of one component are joined: plain data, made once a digest by `link`, read by
 * `compile` and `instantiate`. Everything is an index into one of its tables, so that a start looks nothing up.
 */
export interface Manifest {
  /** Core modules by their place in `Prepared.modules`. */
  modules: ModulePlan[];
  /** Modules hold marks, so that an instance can be reset (`Place.reset`). */
  reset: boolean;
  /** Why each request needs a new instance, where it does. */
  anew?: string;
  /** Memories that the host hands in at each instantiation, in the order that `instantiate` takes them. */
  memories: MemoryPlan[];
  /** Bytes of the objects in the engine's heap that an instance begins with; absent: none. */
  objects?: number;
  /** What the component needs of the host, each function once. */
  uses: HostUse[];
  /** Canonical options, shared by all lowers that name the same ones. */
  lowerings: LoweringPlan[];
  /** In order: each may only use instances of earlier steps. */
  steps: Step[];
  exports: ExportPlan[];
  /** Only of what is composed of several components, or defines resources. */
  composition?: CompositionPlan;
}

export interface ModulePlan {
  /** From the name section, for messages. */
  name: string | undefined;
  /** It holds interruption checks and exports what arms them (`interruptExports`). */
  interruptible: boolean;
}

/** Pages of 64 KiB. The host chooses the real maximum: the smaller of its limit and this one. */
export interface MemoryPlan {
  minimum: number;
  maximum: number | undefined;
  /** Addressed by 64 bits. */
  wide?: true;
  /** What modules write into it when they are instantiated, where that is known, and a reset may use it. */
  data?: Range[];
}

/** What the host supplies for a memory that a module used to define. */
export function memoryPlan({ minimum, maximum, wide }: MemoryType): MemoryPlan {
  return { minimum, maximum, ...(wide && { wide }) };
}

/** The canonical options of a `canon lower`; see `Lowering` in the host contract. */
export interface LoweringPlan {
  memory: MemorySource | undefined;
  realloc: CoreExport | undefined;
  encoding: StringEncoding;
  /** The instance of a component whose memory and handles they are; absent where there is one. */
  owner?: number;
}

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** A core export of the instance that the step `instance` made. */
export interface CoreExport {
  /** Counts `instantiate` steps only. */
  instance: number;
  name: string;
}

export type MemorySource = { kind: "supplied"; memory: number } | ({ kind: "export" } & CoreExport);

export type Step =
  | { kind: "instantiate"; module: number; imports: ImportPlan[] }
  /** Puts a function into a slot of an exported table: what is left of a fix-up module. */
  | { kind: "fill"; table: CoreExport; slot: number; source: CoreExport }
  /** Calls a function without parameters, such as a reactor's `_initialize`. */
  | { kind: "call"; function: CoreExport };

export interface ImportPlan {
  module: string;
  name: string;
  source: ImportSource;
}

export type ImportSource =
  /** A function, memory, table, global or tag of an earlier instance. */
  | ({ kind: "export" } & CoreExport)
  /** A memory of `Manifest.memories`. */
  | { kind: "supplied"; memory: number }
  /** The memory of marks beside a memory of `Manifest.memories`. */
  | { kind: "marks"; memory: number }
  /** A host function, bound once an instance and lowering. Both index their tables; a drop has no lowering. */
  | { kind: "host"; use: number; lowering: number | undefined }
  /** Of `CompositionPlan.crossings`. */
  | { kind: "crossing"; crossing: number };

/** One function that the component exports. */
export interface ExportPlan {
  /** `wasi:http/incoming-handler`; undefined for a function exported by itself. */
  interface: string | undefined;
  /** `0.2.3`, as the component names it; empty where it has none. */
  version: string;
  name: string;
  core: CoreExport;
  params: CoreType[];
  results: CoreType[];
  /** Called with the core results once the host has read them. */
  postReturn: CoreExport | undefined;
  /** It returns through `task.return`; with a callback it waits by returning too, else on its stack. */
  async?: true;
  /** Called with each event that a call waits for. */
  callback?: CoreExport;
  memory: MemorySource | undefined;
  realloc: CoreExport | undefined;
  /** As `LoweringPlan.owner`. */
  owner?: number;
  /** Of what is composed of several components, some of them asynchronous: its type. */
  lift?: LiftPlan;
  encoding?: StringEncoding;
}

/** `wasi:http/incoming-handler#handle`: how exports are found, whatever their version. */
export function exportKey(plan: { interface: string | undefined; name: string }): string {
  return plan.interface === undefined ? plan.name : `${plan.interface}#${plan.name}`;
}

/** Names of the exports that the manifest reaches for, by module. */
export function usedExports({ modules, steps, lowerings, exports, composition }: Manifest): Set<string>[] {
  const used = modules.map(() => new Set<string>());
  const made = steps.flatMap((step) => (step.kind === "instantiate" ? [step.module] : []));
  const use = (source: CoreExport | null | undefined): void =>
    void (source && used[made[source.instance]!]!.add(source.name));
  const useMemory = (source: MemorySource | undefined): void => void (source?.kind === "export" && use(source));
  for (const step of steps) {
    if (step.kind === "instantiate")
      for (const { source } of step.imports) void (source.kind === "export" && use(source));
    else if (step.kind === "call") use(step.function);
    else for (const source of [step.table, step.source]) use(source);
  }
  for (const { memory, realloc } of lowerings) {
    useMemory(memory);
    use(realloc);
  }
  for (const { core, postReturn, callback, memory, realloc } of exports) {
    for (const source of [core, postReturn, callback, realloc]) use(source);
    useMemory(memory);
  }
  for (const crossing of composition?.crossings ?? []) {
    if (crossing.kind === "call") {
      for (const source of [crossing.core, crossing.postReturn, crossing.callback]) use(source);
    }
  }
  for (const resource of composition?.resources ?? []) if (resource.kind === "defined") use(resource.destructor);
  return used;
}

/** What the manifest of a module exports; no component can have a function of this name. */
export const commandStart = "_start";

/** It is a module of WASI 0.1, and no component. */
export function isModuleManifest({ exports }: Manifest): boolean {
  return exports.length === 1 && exports[0]!.interface === undefined && exports[0]!.name === commandStart;
}
