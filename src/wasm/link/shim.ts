import type { Body, CoreModule } from "../binary/index.ts";
import { instruction, nextInstruction, opcode, Reader } from "../binary/index.ts";

/** A module that only forwards each of its functions to a slot of its one table. */
export interface ShimShape {
  /** Name under which the table is exported. */
  table: string;
  /** Exported function → slot. */
  slots: Map<string, number>;
}

/**
 * Recognises what toolchains emit to break the circle between a module and the lowered functions that need
 * its memory: every function is `local.get 0 … local.get n, i32.const slot, call_indirect`, and nothing else is there.
 */
export function shimShape(module: CoreModule): ShimShape | undefined {
  const idle =
    module.imports.length + module.memories.length + module.globals + module.tags.length + module.elements.length;
  if (idle !== 0 || module.start !== undefined || module.tables.length !== 1) return undefined;
  const slots = new Map<string, number>();
  let table: string | undefined;
  for (const { name, kind, index } of module.exports) {
    if (kind === "table" && table === undefined) table = name;
    else if (kind === "func" && module.bodies[index] !== undefined) {
      const slot = forwardedSlot(module, module.bodies[index], module.functions[index]!);
      if (slot === undefined || slot < 0 || slot >= module.tables[0]!.minimum) return undefined;
      slots.set(name, slot);
    } else return undefined;
  }
  return table === undefined ? undefined : { table, slots };
}

function forwardedSlot(module: CoreModule, body: Body, type: number): number | undefined {
  const reader = new Reader(module.bytes, body.start, body.end);
  const found = instruction();
  if (reader.u32() !== 0) return undefined;
  for (let n = 0; n < module.types[type]!.params.length; n++) {
    if (nextInstruction(reader, found) !== opcode.localGet || found.index !== n) return undefined;
  }
  if (reader.u8() !== opcode.i32Const) return undefined;
  const slot = reader.s33();
  if (nextInstruction(reader, found) !== opcode.callIndirect || found.index !== type || found.second !== 0)
    return undefined;
  return nextInstruction(reader, found) === opcode.end && reader.done ? slot : undefined;
}

/** Which import of a fix-up module goes to which slot of the one table that it imports. */
export interface FixupShape {
  /** Index into the module's imports. */
  table: number;
  /** Slot → index of an imported function. */
  fills: Map<number, number>;
  /** The imported function that it calls once all is joined: `_initialize` of a reactor. */
  start: number | undefined;
}

/** Recognises the counterpart: a module that does nothing but put imported functions into an imported table. */
export function fixupShape(module: CoreModule): FixupShape | undefined {
  const { bodies, memories, globals, tags, exports } = module;
  if (
    bodies.length + memories.length + globals + tags.length + exports.length !== 0 ||
    module.tables.length !== 1 ||
    module.importedTables !== 1
  )
    return undefined;
  const fills = new Map<number, number>();
  for (const segment of module.elements) {
    if (segment.mode !== "active" || segment.offset === undefined) return undefined;
    for (const [i, func] of segment.functions.entries()) {
      if (func === undefined) return undefined;
      fills.set(segment.offset + i, func);
    }
  }
  return { table: module.imports.findIndex(({ kind }) => kind === "table"), fills, start: module.start };
}

/** Recognises a module that only starts another: its start function is its one import. */
export function starterShape(module: CoreModule): boolean {
  const { imports, bodies, memories, globals, tags, exports, tables, elements } = module;
  const others = [bodies, memories, exports, tables, tags, elements].reduce((sum, { length }) => sum + length, globals);
  return others === 0 && imports.length === 1 && imports[0]!.kind === "func" && module.start === 0;
}
