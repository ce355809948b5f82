import type { CoreModule, MutableGlobal } from "../../binary/index.ts";
import { empty, funcType, i32, misc, opcode, refNonNull, refNullable, v128, Writer } from "../../binary/index.ts";
import { marks } from "./layout.ts";
import type { ResetPlaces } from "./places.ts";

export function resetTypes(): { count: number; entries: Uint8Array } {
  const out = new Writer();
  out.u8(funcType).u32(0).u32(1).u8(i32);
  out.u8(funcType).u32(2).u8(i32).u8(i32).u32(0);
  out.u8(funcType).u32(1).u8(i32).u32(0);
  return { count: 3, entries: out.view() };
}

/** Type indices of the added functions, in their order. @param signatures of `() -> ()` and `(i32) -> i32`. */
export function resetFunctions(
  module: CoreModule,
  { types }: ResetPlaces,
  signatures: { procedure: number; unary: number },
): number[] {
  return [
    signatures.procedure,
    types.restore,
    ...module.memories.map(() => types.range),
    ...module.memories.map(() => signatures.unary),
    ...module.memories.map(() => types.mark),
  ];
}

/** The flag and a copy of each mutable global, of its type, or of its type with null. */
export function resetGlobals(module: CoreModule): { count: number; entries: Uint8Array } {
  const out = new Writer();
  out.u8(i32).u8(1).u8(opcode.i32Const).s32(0).u8(opcode.end);
  for (const global of module.mutableGlobals) copyOf(module, global, out);
  return { count: 1 + module.mutableGlobals.length, entries: out.view() };
}

function copyOf({ bytes }: CoreModule, { start, end }: MutableGlobal, out: Writer): void {
  const first = bytes[start]!;
  const heap = (): Writer => (end - start > 1 ? out.copy(bytes, start + 1, end) : out.u8(first));
  if (first === refNonNull || first === refNullable) {
    out.u8(refNullable);
    heap();
  } else out.copy(bytes, start, end);
  out.u8(1);
  if (first >= 0x7c && first <= 0x7f) zero(first, out);
  else if (first === v128) out.u8(opcode.simd).u32(12).raw(new Uint8Array(16));
  else {
    out.u8(opcode.refNull);
    heap();
  }
  out.u8(opcode.end);
}

function zero(type: number, out: Writer): void {
  if (type === 0x7f) out.u8(opcode.i32Const).s32(0);
  else if (type === 0x7e) out.u8(opcode.i64Const).s32(0);
  else if (type === 0x7d) out.u8(opcode.f32Const).raw(new Uint8Array(4));
  else out.u8(opcode.f64Const).raw(new Uint8Array(8));
}

/** Bodies in the order of `resetFunctions`. @param fresh a global of ours and what it is before a request. */
export function resetBodies(
  module: CoreModule,
  places: ResetPlaces,
  fresh: { global: number; value: number },
): Uint8Array[] {
  return [
    keepBody(module, places),
    restoreBody(module, places, fresh),
    ...module.memories.map((_, memory) => rangeBody(places.marks + memory, places.types.range)),
    ...module.memories.map((_, memory) => growBody(memory, places.marks + memory)),
    ...module.memories.map((_, memory) => markBody(places.marks + memory)),
  ];
}

/** Takes the globals as they are for what `restore` goes back to. */
function keepBody({ mutableGlobals }: CoreModule, { globals }: ResetPlaces): Uint8Array {
  const out = new Writer().u32(0);
  for (const [i, { index }] of mutableGlobals.entries())
    out
      .u8(opcode.globalGet)
      .u32(index)
      .u8(opcode.globalSet)
      .u32(globals.copies + i);
  return out.u8(opcode.i32Const).s32(0).u8(opcode.globalSet).u32(globals.spoiled).u8(opcode.end).view();
}

/** Globals as they were kept; answers 0, or where something else was changed that stays changed the entries that tables grew by, and 1 at least. */
function restoreBody(
  { bytes, mutableGlobals }: CoreModule,
  { globals }: ResetPlaces,
  fresh: { global: number; value: number },
): Uint8Array {
  const out = new Writer().u32(0);
  for (const [i, { index, start }] of mutableGlobals.entries()) {
    out.u8(opcode.globalGet).u32(globals.copies + i);
    if (bytes[start] === refNonNull) out.u8(opcode.refAsNonNull);
    out.u8(opcode.globalSet).u32(index);
  }
  out.u8(opcode.i32Const).s32(fresh.value).u8(opcode.globalSet).u32(fresh.global);
  return out.u8(opcode.globalGet).u32(globals.spoiled).u8(opcode.end).view();
}

/**
 * Marks all pages of (address, size). A range that leaves the address space marks nothing: the operation traps
 * before it writes.
 */
function rangeBody(memory: number, pair: number): Uint8Array {
  const [address, size, first] = [0, 1, 2];
  const out = new Writer().u32(1).u32(1).u8(i32);
  // size becomes the last byte's address.
  out.u8(opcode.localGet).u32(size).u8(opcode.i32Eqz).u8(opcode.if).u8(empty).u8(opcode.return).u8(opcode.end);
  out.u8(opcode.localGet).u32(address).u8(opcode.localGet).u32(size).u8(opcode.i32Add);
  out.u8(opcode.i32Const).s32(1).u8(opcode.i32Sub).u8(opcode.localTee).u32(size);
  out.u8(opcode.localGet).u32(address).u8(opcode.i32LtU).u8(opcode.if).u8(empty).u8(opcode.return).u8(opcode.end);
  out.u8(opcode.localGet).u32(address).u8(opcode.i32Const).s32(marks.pageShift).u8(opcode.i32ShrU);
  out.u8(opcode.localTee).u32(first).u8(opcode.i32Const).s32(1);
  out.u8(opcode.localGet).u32(size).u8(opcode.i32Const).s32(marks.pageShift).u8(opcode.i32ShrU);
  out.u8(opcode.localTee).u32(size).u8(opcode.localGet).u32(first).u8(opcode.i32Eq);
  // Mostly one page, and then a call of memory.fill would cost more than all of the rest.
  out.u8(opcode.if).s32(pair).u8(opcode.i32Store8).u8(0x40).u32(memory).u32(marks.at).u8(opcode.else);
  out.u8(opcode.drop).u8(opcode.i32Const).s32(marks.at).u8(opcode.i32Add).u8(opcode.i32Const).s32(1);
  out.u8(opcode.localGet).u32(size).u8(opcode.localGet).u32(first).u8(opcode.i32Sub);
  out.u8(opcode.i32Const).s32(1).u8(opcode.i32Add).u8(opcode.misc).u32(misc.memoryFill).u32(memory);
  return out.u8(opcode.end).u8(opcode.end).view();
}

/** Marks the page of an address: for functions that are to stay short (`MarkVisitor`). */
function markBody(memory: number): Uint8Array {
  const out = new Writer().u32(0).u8(opcode.localGet).u32(0).u8(opcode.i32Const).s32(marks.pageShift);
  out.u8(opcode.i32ShrU).u8(opcode.i32Const).s32(1);
  return out.u8(opcode.i32Store8).u8(0x40).u32(memory).u32(marks.at).u8(opcode.end).view();
}

/** As memory.grow, on the size that stands beside the marks; the memory itself grows where it is too small. */
function growBody(memory: number, beside: number): Uint8Array {
  const [pages, size, has] = [0, 1, 2];
  const out = new Writer().u32(1).u32(2).u8(i32);
  out.u8(opcode.i32Const).s32(0).u8(opcode.i32Load).u8(0x42).u32(beside).u32(marks.sizeAt);
  out.u8(opcode.localTee).u32(size);
  // pages becomes the new size; both are at most 65,535, so that their sum does not wrap.
  out.u8(opcode.localGet).u32(pages).u8(opcode.i32Const).s32(marks.mostPages).u8(opcode.i32GtU);
  out.u8(opcode.if).u8(empty).u8(opcode.i32Const).s32(-1).u8(opcode.return).u8(opcode.end);
  out.u8(opcode.localGet).u32(pages).u8(opcode.i32Add).u8(opcode.localTee).u32(pages);
  out.u8(opcode.i32Const).s32(marks.mostPages).u8(opcode.i32GtU);
  out.u8(opcode.if).u8(empty).u8(opcode.i32Const).s32(-1).u8(opcode.return).u8(opcode.end);
  out.u8(opcode.localGet).u32(pages).u8(opcode.memorySize).u32(memory).u8(opcode.localTee).u32(has).u8(opcode.i32GtU);
  out.u8(opcode.if).u8(empty);
  out.u8(opcode.localGet).u32(pages).u8(opcode.localGet).u32(has).u8(opcode.i32Sub);
  out.u8(opcode.memoryGrow).u32(memory).u8(opcode.i32Const).s32(-1).u8(opcode.i32Eq);
  out.u8(opcode.if).u8(empty).u8(opcode.i32Const).s32(-1).u8(opcode.return).u8(opcode.end).u8(opcode.end);
  out.u8(opcode.i32Const).s32(0).u8(opcode.localGet).u32(pages);
  out.u8(opcode.i32Store).u8(0x42).u32(beside).u32(marks.sizeAt);
  return out.u8(opcode.localGet).u32(size).u8(opcode.end).view();
}
