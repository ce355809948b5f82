import type { CoreModule } from "../binary/index.ts";
import { exportOf } from "../binary/index.ts";
import type { CoreType, HostUse, InterfaceUse } from "../host/contract.ts";
import { listedFunctions, malformed, unsupported } from "./failure.ts";
import type { Manner, Signature } from "./flat.ts";
import { coreSignature, needed, showSignature } from "./flat.ts";
import type { CoreItem, HostFunc, HostItem, LowerItem, ModuleInstance, Part } from "./graph.ts";
import { remedyForComponent } from "./made-for.ts";
import type { CoreExport, LoweringPlan, MemoryPlan, MemorySource } from "./manifest.ts";
import { memoryPlan } from "./manifest.ts";
import type { Resolver } from "./resolve.ts";

/**
 * The core signature of a function of the host, whatever 0.2.x it is asked for as; undefined: there is none;
 * `refusal`: why not in this version. A drop is asked for too, and answered with `{ params: ["i32"], results: [] }`.
 */
export type HostLookup = (
  use: InterfaceUse,
) => { params: readonly CoreType[]; results: readonly CoreType[] } | { refusal: string } | undefined;

/**
 * Any release of 0.2 or 0.3; drafts of interfaces that have none yet (`wasi:config@0.2.0-rc.1`, `-draft-2024-09-27`); no version. Of drafts
 * of 0.3 the host says itself which it serves. Not 0.2.0-rc-<date>.
 */
const served = /^$|^0\.[23]\.\d+$|^0\.3\.0-rc-[\d-]+$|-draft(?:\d*|-[\d-]+)$|-rc\.\d+$/;

const coreTypes: Record<number, CoreType> = { 0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64" };

export const reallocSignature: Signature = { params: ["i32", "i32", "i32", "i32"], results: ["i32"] };

/** The tables of a manifest while it is made: each entry once, found again by what it says. */
export class Tables {
  readonly uses: HostUse[] = [];
  readonly lowerings: LoweringPlan[] = [];
  readonly memories: MemoryPlan[] = [];
  readonly #found = new Map<string, number>();
  readonly #memories = new Map<ModuleInstance, number>();
  /** What the component imports and the host does not have, in their order. */
  readonly #missing = new Set<string>();
  readonly #resolver: Resolver;
  readonly #lookup: HostLookup;
  readonly #place: (instance: ModuleInstance) => number;
  readonly #owner: (part: Part) => number | undefined;

  /** @param owner the number of an instance of a component, where there are several. */
  constructor(
    resolver: Resolver,
    lookup: HostLookup,
    place: (instance: ModuleInstance) => number,
    owner: (part: Part) => number | undefined,
  ) {
    this.#resolver = resolver;
    this.#lookup = lookup;
    this.#place = place;
    this.#owner = owner;
  }

  /** Own memories of an instance, which the host supplies; must be called in order of instantiation. */
  addMemories(instance: ModuleInstance): void {
    this.#memories.set(instance, this.memories.length);
    for (const memory of instance.module.memories.slice(instance.module.importedMemories)) {
      this.memories.push(memoryPlan(memory));
    }
  }

  /** Index of its first own memory. */
  firstMemory(instance: ModuleInstance): number {
    return this.#memories.get(instance)!;
  }

  /** The function of the host for a lowered import, checked against the importing module's type. */
  use(item: HostItem, importer: ModuleInstance, index: number): number {
    const signature = this.imported(importer, index);
    const use = hostUse(item, signature);
    const wanted: Signature =
      item.kind === "drop"
        ? { params: ["i32"], results: [] }
        : item.kind === "built-in"
          ? item.use
          : coreSignature(item.func.type.params, item.func.type.result, "lower", mannerOf(item));
    const label = useName(use);
    this.checkImport(wanted, importer, index, label);
    if (use.kind === "built-in") return this.#once(JSON.stringify(use), this.uses, () => use);
    const manner = use.kind === "function" && use.async ? " async" : "";
    return this.#once(`use${manner} ${label} ${showSignature(signature)}`, this.uses, () =>
      this.#known(use, signature, label),
    );
  }

  /** Refuses, at once, all that the host was asked for and does not have. */
  refuseMissing(): void {
    const all = [...this.#missing];
    if (all.length === 0) return;
    // That an interface is not there is said by its functions, where there are any.
    const functions = all.filter((name) => !name.includes(dropMark));
    const names = functions.length > 0 ? functions : all;
    unsupported(
      `the component imports ${listedFunctions(names)}, which this host does not have`,
      remedyForComponent(names),
    );
  }

  /** The type that a core module imports a function with. */
  imported(importer: ModuleInstance, index: number): Signature {
    return functionSignature(importer.module, importer.module.imports[index]!.index);
  }

  checkImport(wanted: Signature, importer: ModuleInstance, index: number, label: string): void {
    const what = `core module ${importer.module.name ?? ""} to import ${label}`;
    this.#checkSame(wanted, this.imported(importer, index), importer.at, what);
  }

  /** Whether the host has such a resource; refuses it else. */
  checkResource(use: InterfaceUse & { kind: "drop" }): void {
    this.#known(use, { params: ["i32"], results: [] }, useName(use));
  }

  #known(use: InterfaceUse, signature: Signature, label: string): HostUse {
    if (use.interface.startsWith("wasi:") && !served.test(use.version)) {
      unsupported(
        `the component imports ${label}, this host serves WASI 0.2 and 0.3`,
        "Build it against a released WASI.",
      );
    }
    const host = this.#lookup(use);
    if (host === undefined) {
      this.#missing.add(label);
      return use;
    }
    if ("refusal" in host) {
      return unsupported(`the component imports ${label}, ${host.refusal}`, "Build it against WASI 0.3.0.");
    }
    if (showSignature(host) !== showSignature(signature)) {
      unsupported(
        `the component imports ${label} as ${showSignature(signature)}, this host has it as ${showSignature(host)}`,
        "Build it against the WIT files of a released WASI.",
      );
    }
    return use;
  }

  #checkSame(wanted: Signature, got: Signature, at: number, what: string): void {
    if (showSignature(wanted) === showSignature(got)) return;
    if (this.memories.some(({ wide }) => wide) && isWidened(wanted, got))
      unsupported(wideValues, "Build it for wasm32.");
    malformed(at, `expected ${what} as ${showSignature(wanted)}, got ${showSignature(got)}`);
  }

  lowering(item: HostItem, at: number): number | undefined {
    if (item.kind === "drop") {
      // Only says whose handle it is, where there are several.
      const owned = this.#owner(item.part) !== undefined;
      return owned ? this.options({ ...noOptions, part: item.part }) : undefined;
    }
    const wanted =
      item.kind === "lower"
        ? needed(item.func.type.params, item.func.type.result, mannerOf(item))
        : { memory: item.memory !== undefined && item.use.type === undefined, realloc: false };
    for (const option of ["memory", "realloc"] as const) {
      if (wanted[option] && item[option] === undefined && item.kind === "lower")
        malformed(at, `expected the option ${option} to lower ${item.func.interface}#${item.func.name}`);
    }
    if (wanted.memory && item.encoding !== "utf8") {
      unsupported(`the component takes strings as ${item.encoding}`, "Build it with strings as UTF-8.");
    }
    return this.options(item);
  }

  /** Canonical options of a lower or lift. */
  options({ memory, realloc, encoding, part }: Options): number {
    const owner = this.#owner(part);
    const plan: LoweringPlan = {
      memory: memory && this.pointedAt(memory),
      realloc: realloc && this.coreExport(realloc, reallocSignature, "realloc"),
      encoding,
      ...(owner !== undefined && { owner }),
    };
    return this.#once(`lowering ${JSON.stringify(plan)}`, this.lowerings, () => plan);
  }

  /** The memory that pointers of the canonical ABI go to, which have 32 bits. */
  pointedAt(item: CoreItem): MemorySource {
    const source = this.memory(item);
    if (source.kind === "supplied" && this.memories[source.memory]?.wide) {
      unsupported(wideValues, "Build it for wasm32.");
    }
    return source;
  }

  /** Where a memory comes from: supplied by the host, if its module used to define it. */
  memory(item: CoreItem): MemorySource {
    if (item.kind !== "export") return malformed(0, "expected a memory");
    const { instance, name } = item;
    const index = exportOf(instance.module, name)!.index;
    const { importedMemories, imports, memories } = instance.module;
    const first = this.#memories.get(instance);
    // The engine looks at modules only when they are linked.
    if (index >= importedMemories && index < memories.length && first !== undefined)
      return { kind: "supplied", memory: first + index - importedMemories };
    const at = imports.findIndex((wanted) => wanted.kind === "memory" && wanted.index === index);
    return at < 0
      ? malformed(instance.at, `expected a memory, got index ${index}`)
      : this.memory(this.#resolver.import(instance, at));
  }

  /** The same for a module's import, which must not want more pages than there are at the start. */
  importedMemory(item: CoreItem, importer: ModuleInstance, index: number): MemorySource {
    const source = this.memory(item);
    const wanted = importer.module.memories[importer.module.imports[index]!.index]!.minimum;
    const given = source.kind === "supplied" ? this.memories[source.memory]!.minimum : wanted;
    if (wanted > given) malformed(importer.at, `expected a memory of at least ${wanted} pages, got ${given}`);
    return source;
  }

  /** A function that an instance exports, as realloc, post-return or lifted function: with the type that it must have. */
  coreExport(item: CoreItem, wanted: Signature, what: string): CoreExport {
    const found = this.#resolver.item(item);
    if (found.kind !== "export") {
      return unsupported(`the component uses a function of the host as ${what}`, "Export functions of its own.");
    }
    const { instance, name } = found;
    const { module, at } = instance;
    const type = module.functions[exportOf(module, name)!.index];
    if (type === undefined) return malformed(at, `expected a function as ${what}, got ${name}`);
    this.#checkSame(wanted, functionSignature(module, type), at, `${what} (${name})`);
    return { instance: this.#place(instance), name };
  }

  #once<T>(key: string, table: T[], make: () => T): number {
    let index = this.#found.get(key);
    if (index === undefined) {
      index = table.push(make()) - 1;
      this.#found.set(key, index);
    }
    return index;
  }
}

/** Canonical options, and whose they are. */
type Options = Pick<LowerItem, "memory" | "realloc" | "encoding" | "part">;
const noOptions = { memory: undefined, realloc: undefined, encoding: "utf8" } as const;

function mannerOf(item: LowerItem<HostFunc>): Manner {
  return item.async ? "async" : "plain";
}

function hostUse(item: HostItem, signature: Signature): HostUse {
  if (item.kind === "built-in") return item.use;
  if (item.kind === "drop") {
    const { interface: name, version, name: resource } = item.resource;
    return { kind: "drop", interface: name, version, resource };
  }
  const { interface: from, version, name } = item.func;
  return { kind: "function", interface: from, version, name, ...signature, ...(item.async && { async: true }) };
}

const dropMark = "[resource-drop]";

/** `wasi:http/types@0.2.3#[constructor]fields`, for messages. */
export function useName(use: HostUse): string {
  if (use.kind === "built-in") return use.name;
  const version = use.version === "" ? "" : `@${use.version}`;
  return `${use.interface}${version}#${use.kind === "drop" ? `${dropMark}${use.resource}` : use.name}`;
}

/** Of a function type by its index, in core types that can cross to the host. */
function functionSignature(module: CoreModule, type: number): Signature {
  const { params, results } = module.types[type]!;
  const core = (byte: number): CoreType =>
    coreTypes[byte] ?? unsupported("a function of the host has a vector or a reference", "Use numbers only.");
  return { params: params.map(core), results: results.map(core) };
}

const wideValues = "the component passes values through a 64-bit memory";

/** Where a memory has 64 bits, so have pointers and lengths, which are i64 then. */
function isWidened(wanted: Signature, got: Signature): boolean {
  return isWidenedList(wanted.params, got.params) && isWidenedList(wanted.results, got.results);
}

function isWidenedList(wanted: readonly CoreType[], got: readonly CoreType[]): boolean {
  return (
    wanted.length === got.length && wanted.every((type, i) => type === got[i] || (type === "i32" && got[i] === "i64"))
  );
}
