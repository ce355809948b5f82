import { BandstandError } from "../../foundation/errors/index.ts";
import type { CoreModule } from "../binary/index.ts";
import { externKinds, section, Writer } from "../binary/index.ts";
import { rewriteCode } from "./code.ts";
import { heapGlobal, heapPlaces } from "./heap.ts";
import { addedFunctions, addedGlobals, addedTypes, places, slice, type Places } from "./asking.ts";
import { cappedTables, memoryImport, refuseLongSegments } from "./limits.ts";
import { resetBodies, resetFunctions, resetGlobals, resetTypes } from "./marks/additions.ts";
import type { ResetPlaces } from "./marks/places.ts";
import { resetPlaces } from "./marks/places.ts";
import { added } from "./names.ts";
import { Pieces } from "./pieces.ts";
import { Room } from "./room.ts";
import { scan, type Scan } from "./scan.ts";
import { Sections } from "./sections.ts";

export interface RewriteOptions {
  /** Only the exports named stay: each costs every instance about half a microsecond. Default: all. */
  keepExports?: ReadonlySet<string>;
  /**
   * Adds what a reset needs: marks at stores, an import of a memory of marks for each memory
   * (`added.marks`), and exports that keep and restore globals. Default: false.
   */
  reset?: boolean;
  /** What `scan` said of the module, where it was asked already. */
  scanned?: Scan;
}

/**
 * The module with interruption checks, with its own memories as imports (`added.module`, behind its other
 * imports), and with a maximum on its tables. All indices of its own stay; what is new stands behind them.
 * Pure. The module must be valid: an index beyond its own would reach what is added here.
 * Throws `component-malformed` or `component-unsupported`.
 */
export function rewrite(given: CoreModule, options: RewriteOptions = {}): Uint8Array {
  refuseOwnNames(given);
  refuseLongSegments(given);
  const scanned = options.scanned ?? scan(given);
  const { module } = scanned;
  const at = places(module);
  const heap = heapPlaces(module, scanned.traces, at);
  const pieces = new Pieces(module, scanned.traces, at.functions, (heap ?? at).next);
  const reset = options.reset ? resetPlaces(module, pieces.next) : undefined;
  const sections = new Sections(module);
  const [types, functions, globals] = [addedTypes(at), addedFunctions(at), addedGlobals(at)];
  sections.append(section.type, types.count, types.entries);
  sections.set(section.import, importContent(module, reset !== undefined));
  sections.append(section.function, functions.count, functions.entries);
  if (module.tables.length > module.importedTables) sections.set(section.table, cappedTables(module));
  sections.set(section.memory, undefined);
  sections.append(section.global, globals.count, globals.entries);
  if (heap !== undefined) {
    sections.append(section.function, 1, new Writer().u32(at.types.check).view());
    sections.append(section.global, 1, heapGlobal());
  }
  if (pieces.count.types > 0) {
    sections.append(section.type, pieces.count.types, pieces.types);
    sections.append(section.function, pieces.count.functions, pieces.functions);
  }
  if (reset !== undefined) appendReset(module, sections, reset, at.types);
  const room = new Room();
  const { code, hints } = rewriteCode(
    module,
    scanned,
    at,
    heap,
    reset,
    pieces,
    reset === undefined ? [] : resetBodies(module, reset, { global: at.globals.count, value: slice }),
    room,
  );
  sections.append(section.function, room.wanted, room.types(at.types.check));
  sections.set(section.export, exportContent(module, options.keepExports, at, reset));
  sections.set(section.start, undefined);
  sections.set(section.code, code);
  sections.keepCustom((name) => name === "name");
  if (hints !== undefined) sections.insertBeforeCode(hints);
  return sections.encode();
}

/** Names that the module itself uses would be mixed up with what is added. */
function refuseOwnNames({ imports, exports }: CoreModule): void {
  const refuse = (what: string): never => {
    throw new BandstandError("component-unsupported", `a core module ${what}`, { remedy: "Rename it." });
  };
  if (exports.some(({ name }) => name.startsWith(`${added.module}:`)))
    refuse(`exports a name that begins with ${added.module}:`);
  if (imports.some(({ module }) => module === added.module)) refuse(`imports from "${added.module}"`);
}

function appendReset(
  module: CoreModule,
  sections: Sections,
  reset: ResetPlaces,
  types: { check: number; hook: number },
): void {
  const added = resetTypes();
  sections.append(section.type, added.count, added.entries);
  const functions = resetFunctions(module, reset, { procedure: types.check, unary: types.hook });
  const out = new Writer();
  for (const type of functions) out.u32(type);
  sections.append(section.function, functions.length, out.view());
  const globals = resetGlobals(module);
  sections.append(section.global, globals.count, globals.entries);
}

/** Imports as they were, memories without a maximum, then the module's own memories, then those of marks. */
function importContent(module: CoreModule, withMarks: boolean): Uint8Array | undefined {
  const old = module.sections.find(({ id }) => id === section.import);
  const own = module.memories.slice(module.importedMemories);
  const beside = withMarks ? module.memories : [];
  if (old === undefined && own.length === 0) return undefined;
  const out = new Writer((old?.end ?? 0) - (old?.start ?? 0) + 64);
  out.u32(module.imports.length + own.length + beside.length);
  let copied = module.importsStart;
  for (const memory of module.memories.slice(0, module.importedMemories)) {
    memoryImport(out.copy(module.bytes, copied, memory.start), memory);
    copied = memory.end;
  }
  out.copy(module.bytes, copied, old?.end ?? copied);
  for (const [i, memory] of own.entries()) memoryImport(out.name(added.module).name(added.memory(i)).u8(2), memory);
  for (const i of beside.keys()) out.name(added.module).name(added.marks(i)).u8(2).u8(0).u32(1);
  return out.view();
}

function exportContent(
  module: CoreModule,
  keep: ReadonlySet<string> | undefined,
  at: Places,
  reset: ResetPlaces | undefined,
): Uint8Array {
  const kept = keep === undefined ? module.exports : module.exports.filter(({ name }) => keep.has(name));
  const out = new Writer().u32(kept.length + (reset === undefined ? 2 : 4));
  for (const { name, kind, index } of kept) out.name(name).u8(externKinds.indexOf(kind)).u32(index);
  out.name(added.arm).u8(0).u32(at.functions.arm);
  out.name(added.count).u8(externKinds.indexOf("global")).u32(at.globals.count);
  if (reset === undefined) return out.view();
  out.name(added.keep).u8(0).u32(reset.functions.keep);
  return out.name(added.restore).u8(0).u32(reset.functions.restore).view();
}
