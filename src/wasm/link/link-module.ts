import { exportOf, type CoreModule } from "../binary/index.ts";
import type { CoreType, HostUse } from "../host/contract.ts";
import { added } from "../rewrite/names.ts";
import { listed, unsupported } from "./failure.ts";
import { showSignature, type Signature } from "./flat.ts";
import { remedyForLibrary, remedyForModule } from "./made-for.ts";
import { commandStart, memoryPlan, type ImportPlan, type Step } from "./manifest.ts";
import type { Linked } from "./link.ts";
import type { HostLookup } from "./tables.ts";

/** WASI 0.1, and the draft before it, which many programs of its time import. */
const interfaces = ["wasi_snapshot_preview1", "wasi_unstable"];
/** What modules that Emscripten makes for any host tell it beside WASI, and nobody needs to know. */
const notice = "emscripten_notify_memory_growth";
/** What a library is set up by, which then has nothing more to do but where it names a main function too. */
const setUp = "_initialize";
/** The main function of a command; the one without a name is what such libraries have that are commands as well. */
const starts = ["_start", "", setUp];
const coreTypes: Record<number, CoreType> = { 0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64" };

/**
 * The manifest of a module of WASI 0.1, which is one instance that imports functions of the host and exports its start. A memory
 * that it imports, by whatever name, is supplied as its own are: nobody else has it.
 * Pure. Throws `component-unsupported` where it imports anything else, or does not start.
 */
export function linkModule(module: CoreModule, lookup: HostLookup): Linked {
  refuseForeign(module);
  const start = startOf(module);
  const uses: HostUse[] = [];
  const imports: ImportPlan[] = module.imports.map(({ module: from, name, kind, index }) => {
    if (kind === "memory") return { module: from, name, source: { kind: "supplied", memory: index } };
    uses.push(useOf(from, name, signatureOf(module, index), lookup));
    return { module: from, name, source: { kind: "host", use: uses.length - 1, lowering: 0 } };
  });
  const { importedMemories } = module;
  for (let memory = importedMemories; memory < module.memories.length; memory++) {
    const name = added.memory(memory - importedMemories);
    imports.push({ module: added.module, name, source: { kind: "supplied", memory } });
  }
  const memory = memoryOf(module);
  return {
    modules: [module],
    manifest: {
      modules: [{ name: module.name, interruptible: false }],
      reset: false,
      memories: module.memories.map(memoryPlan),
      uses,
      lowerings: [{ memory, realloc: undefined, encoding: "utf8" }],
      steps: [{ kind: "instantiate", module: 0, imports }, ...setUpBefore(start, module)],
      exports: [
        {
          interface: undefined,
          version: "",
          name: commandStart,
          core: { instance: 0, name: start },
          params: [],
          results: [],
          postReturn: undefined,
          memory,
          realloc: undefined,
        },
      ],
    },
  };
}

function refuseForeign({ imports }: CoreModule): void {
  const foreign = imports.filter(({ module, name, kind }) => {
    const isHosts = interfaces.includes(module) || (module === "env" && name === notice);
    return kind !== (isHosts ? "func" : "memory");
  });
  if (foreign.length > 0) {
    const names = listed(foreign.map(({ module, name }) => `${module}#${name}`));
    unsupported(`it imports what is not WASI 0.1: ${names}`, remedyForModule(foreign));
  }
  const memories = imports.flatMap(({ module, name, kind }) => (kind === "memory" ? [`${module}#${name}`] : []));
  // To its engine that is one memory, which every index of it changes.
  if (new Set(memories).size < memories.length) unsupported("it imports two memories by one name", newer);
}

function startOf(module: CoreModule): string {
  for (const name of starts) {
    const found = exportOf(module, name);
    if (found?.kind !== "func") continue;
    const signature = signatureOf(module, module.functions[found.index]!);
    // WASI has it answer nothing. What some compilers' answers (Virgil's) is left alone, as by other hosts: it says no exit code.
    if (signature.params.length === 0) return name;
    unsupported(`its ${name} is ${showSignature(signature)}: it takes nothing in WASI`, "Build it as a command.");
  }
  return unsupported(
    "it is no command of WASI 0.1: it exports no function _start",
    remedyForLibrary(module.exports.map(({ name }) => name)),
  );
}

/** A library that has a main function without a name is set up first, as by `wasmtime run`. */
function setUpBefore(start: string, module: CoreModule): Step[] {
  if (start !== "" || exportOf(module, setUp)?.kind !== "func") return [];
  return [{ kind: "call", function: { instance: 0, name: setUp } }];
}

/** The memory that pointers go to: by its name, as WASI asks for it, else the first. */
function memoryOf(module: CoreModule): { kind: "supplied"; memory: number } | undefined {
  if (module.memories.length === 0) return undefined;
  const named = exportOf(module, "memory");
  return { kind: "supplied", memory: named?.kind === "memory" ? named.index : 0 };
}

function useOf(from: string, name: string, { params, results }: Signature, lookup: HostLookup): HostUse {
  const use: HostUse = {
    kind: "function",
    interface: from,
    version: "",
    name,
    params: [...params],
    results: [...results],
  };
  const host = lookup(use);
  if (host === undefined || "refusal" in host) return refuseUnknown(`${from}#${name}`);
  const [wanted, imported] = [showSignature(host), showSignature({ params, results })];
  if (wanted !== imported) unsupported(`it imports ${from}#${name} as ${imported}, and it is ${wanted}`, newer);
  return use;
}

/** Of sockets WASI 0.1 has four functions, for connections that are there. */
function refuseUnknown(name: string): never {
  const remedy = /#sock_/.test(name)
    ? "It uses sockets that WasmEdge added to WASI 0.1: build it for wasm32-wasip2, whose sockets this host has."
    : newer;
  return unsupported(`it imports ${name}, which WASI 0.1 does not have`, remedy);
}

const newer = "Build it with a toolchain for wasm32-wasip1.";

function signatureOf(module: CoreModule, type: number): Signature {
  const found = module.types[type];
  const typesOf = (bytes: readonly number[] = []): CoreType[] =>
    bytes.map((byte) => coreTypes[byte] ?? unsupported("it calls WASI with values that are no numbers", newer));
  return { params: typesOf(found?.params), results: typesOf(found?.results) };
}
