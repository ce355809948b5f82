import { BandstandError } from "../../foundation/errors/index.ts";
import type { CoreModule } from "../binary/index.ts";
import { externKinds, section, Writer } from "../binary/index.ts";
import { rewriteBody } from "./body.ts";
import { weights } from "./cost.ts";
import type { Hints } from "./hints.ts";
import { declaredHints, hintContent } from "./hints.ts";
import type { Places } from "./interrupt.ts";
import { addedGlobals, addedTypes, armBody, checkBody, InterruptVisitor, places } from "./interrupt.ts";
import { cappedTables, memoryImport } from "./limits.ts";
import { added } from "./names.ts";
import { scan } from "./scan.ts";
import { Sections } from "./sections.ts";

/**
 * The module with interruption checks, with its own memories as imports (`added.module`, behind its other
 * imports), and with a maximum on its tables. All indices of its own stay; what is new stands behind them.
 * Only the exports named stay: each costs every instance about half a microsecond.
 * Pure. The module must be valid: an index beyond its own would reach what is added here.
 * Throws `component-malformed` or `component-unsupported`.
 */
export function rewrite(
  module: CoreModule,
  keepExports: ReadonlySet<string> = new Set(module.exports.map(({ name }) => name)),
): Uint8Array {
  if (module.exports.some(({ name }) => name.startsWith(`${added.module}:`))) {
    throw new BandstandError(
      "component-unsupported",
      `a core module exports a name that begins with ${added.module}:`,
      {
        remedy: "Rename that export.",
      },
    );
  }
  const at = places(module);
  const { code, hints } = rewriteCode(module, at);
  const sections = new Sections(module);
  sections.append(section.type, 3, addedTypes(at));
  sections.set(section.import, importContent(module));
  sections.append(section.function, 2, new Writer().u32(at.types.check).u32(at.types.arm).view());
  if (module.tables.length > module.importedTables) sections.set(section.table, cappedTables(module));
  sections.set(section.memory, undefined);
  sections.append(section.global, 3, addedGlobals(at));
  sections.set(section.export, exportContent(module, keepExports, at.functions.arm));
  sections.set(section.start, undefined);
  sections.set(section.code, code);
  sections.keepCustom((name) => name === "name");
  if (hints !== undefined) sections.insertBeforeCode(hints);
  return sections.encode();
}

function rewriteCode(module: CoreModule, at: Places): { code: Uint8Array; hints: Uint8Array | undefined } {
  const found = scan(module);
  const { entry, loops } = weights(module, found);
  const declared = declaredHints(module);
  const hints: Hints = new Map();
  const out = new Writer((module.bodies.at(-1)?.end ?? 0) - (module.bodies[0]?.start ?? 0) + 4096);
  out.u32(module.bodies.length + 2);
  for (const [own, body] of module.bodies.entries()) {
    const index = own + module.importedFunctions;
    const visitor = new InterruptVisitor(at, entry[own]!, loops[own]!, found.traces[own]!.bulk);
    const old = declared.get(index);
    if (visitor.locals.length === 0) {
      out.u32(body.end - body.start).copy(module.bytes, body.start, body.end);
      if (old !== undefined) hints.set(index, old);
      continue;
    }
    const params = module.types[module.functions[index]!]!.params.length;
    const written = rewriteBody(module, body, params, visitor, old);
    out.u32(written.length).raw(written.view());
    if (written.hints.length > 0) hints.set(index, written.hints);
  }
  for (const body of [checkBody(at), armBody(at, module.start)]) out.u32(body.length).raw(body);
  return { code: out.view(), hints: hintContent(hints) };
}

/** Imports as they were, memories without a maximum, and behind them the module's own memories. */
function importContent(module: CoreModule): Uint8Array | undefined {
  const old = module.sections.find(({ id }) => id === section.import);
  const own = module.memories.slice(module.importedMemories);
  if (old === undefined && own.length === 0) return undefined;
  const out = new Writer((old?.end ?? 0) - (old?.start ?? 0) + 64);
  out.u32(module.imports.length + own.length);
  let copied = module.importsStart;
  for (const memory of module.memories.slice(0, module.importedMemories)) {
    memoryImport(out.copy(module.bytes, copied, memory.start), memory);
    copied = memory.end;
  }
  out.copy(module.bytes, copied, old?.end ?? copied);
  for (const [i, memory] of own.entries()) memoryImport(out.name(added.module).name(added.memory(i)).u8(2), memory);
  return out.view();
}

function exportContent(module: CoreModule, keep: ReadonlySet<string>, arm: number): Uint8Array {
  const kept = module.exports.filter(({ name }) => keep.has(name));
  const out = new Writer().u32(kept.length + 1);
  for (const { name, kind, index } of kept) out.name(name).u8(externKinds.indexOf(kind)).u32(index);
  return out.name(added.arm).u8(0).u32(arm).view();
}
