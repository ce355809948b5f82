import { empty, i64, misc, opcode, Writer } from "../binary/index.ts";
import { marks } from "./marks/layout.ts";
import type { Stretch } from "./pieces.ts";

const [i64Load, i64Store] = [0x29, 0x37];

/** Bytes that are moved with two loads and two stores. */
const few = 16;
/** Fewer bytes than one mark covers, and than one unit of the count stands for. */
const covered = 256;

/** Locals of such a function: its parameters. */
const [destination, source, size] = [0, 1, 2];

/** It has a form for few bytes: sizes and addresses are of 32 bits. */
export function hasFew({ sub }: Stretch, types: readonly number[]): boolean {
  return (sub === misc.memoryCopy || sub === misc.memoryFill) && !types.includes(i64);
}

/**
 * The body of a function that does a copy or a fill: of few bytes by loads and stores, since the engine calls a function of its own for each,
 * which takes longer than moving a word or two; of fewer than one mark covers with one mark and no count; and any else by the function `long`.
 * Few bytes below 2 GiB only, so that no sum of address and size wraps: then the last of them is written first, and where that traps, nothing is.
 * @param beside the memory of marks, where stores are marked.
 */
export function fewBody(kind: Stretch, long: number, beside: number | undefined): Uint8Array {
  const out = new Writer().u32(0);
  const take = (local: number): Writer => out.u8(opcode.localGet).u32(local);
  const mark = (): void => {
    if (beside === undefined) return;
    take(destination).u8(opcode.i32Const).s32(marks.pageShift).u8(opcode.i32ShrU).u8(opcode.i32Const).s32(1);
    out.u8(opcode.i32Store8).u8(0x40).u32(beside).u32(marks.at);
  };
  take(size).u8(opcode.i32Const).s32(covered).u8(opcode.i32LtU).u8(opcode.if).u8(empty);
  mark();
  take(size).u8(opcode.i32Const).s32(1).u8(opcode.i32Sub).u8(opcode.i32Const).s32(few).u8(opcode.i32LtU);
  take(destination);
  if (kind.sub === misc.memoryCopy) take(source).u8(opcode.i32Or);
  out.u8(opcode.i32Const).s32(0).u8(opcode.i32GeS).u8(opcode.i32And).u8(opcode.if).u8(empty);
  if (kind.sub === misc.memoryCopy) copyFew(out, kind);
  else fillFew(out, kind);
  out.u8(opcode.return).u8(opcode.end);
  for (const local of [destination, source, size]) take(local);
  out.u8(opcode.misc).u32(kind.sub).u32(kind.index);
  if (kind.sub === misc.memoryCopy) out.u32(kind.second);
  out.u8(opcode.return).u8(opcode.end);
  for (const local of [destination, source, size]) take(local);
  return out.u8(opcode.call).u32(long).u8(opcode.end).view();
}

/** All loads come before any store: what is copied may lie over where it goes. */
function copyFew(out: Writer, { index, second }: Stretch): void {
  for (const [width, load, store] of [
    [8, i64Load, i64Store],
    [4, opcode.i32Load, opcode.i32Store],
  ] as const) {
    ifAtLeast(out, width);
    out.u8(opcode.localGet).u32(destination).u8(opcode.localGet).u32(source);
    access(out, load, second);
    last(out, destination, width);
    last(out, source, width);
    access(out, load, second);
    access(out, store, index);
    access(out, store, index);
    out.u8(opcode.return).u8(opcode.end);
  }
  out.u8(opcode.localGet).u32(destination).u8(opcode.localGet).u32(source);
  access(out, opcode.i32Load8U, second);
  half(out, destination);
  half(out, source);
  access(out, opcode.i32Load8U, second);
  last(out, destination, 1);
  last(out, source, 1);
  access(out, opcode.i32Load8U, second);
  for (let n = 0; n < 3; n++) access(out, opcode.i32Store8, index);
}

function fillFew(out: Writer, { index }: Stretch): void {
  const value = (width: number): void => {
    out.u8(opcode.localGet).u32(source);
    if (width === 1) return;
    out.u8(opcode.i32Const).s32(0xff).u8(opcode.i32And).u8(opcode.i32Const).s32(0x0101_0101).u8(opcode.i32Mul);
    if (width === 8) out.u8(opcode.i64ExtendI32U).u8(opcode.i64Const).raw(everyWord).u8(opcode.i64Mul);
  };
  for (const [width, store] of [
    [8, i64Store],
    [4, opcode.i32Store],
  ] as const) {
    ifAtLeast(out, width);
    last(out, destination, width);
    value(width);
    access(out, store, index);
    out.u8(opcode.localGet).u32(destination);
    value(width);
    access(out, store, index);
    out.u8(opcode.return).u8(opcode.end);
  }
  last(out, destination, 1);
  value(1);
  access(out, opcode.i32Store8, index);
  half(out, destination);
  value(1);
  access(out, opcode.i32Store8, index);
  out.u8(opcode.localGet).u32(destination);
  value(1);
  access(out, opcode.i32Store8, index);
}

/** 2^32 + 1 as a signed LEB128. */
const everyWord = Uint8Array.of(0x81, 0x80, 0x80, 0x80, 0x10);

/** Begins what is done where there are so many bytes at least. */
function ifAtLeast(out: Writer, width: number): void {
  out.u8(opcode.localGet).u32(size).u8(opcode.i32Const).s32(width).u8(opcode.i32LtU);
  out.u8(opcode.i32Eqz).u8(opcode.if).u8(empty);
}

/** Leaves the address of the last so many bytes. */
function last(out: Writer, local: number, width: number): void {
  out.u8(opcode.localGet).u32(local).u8(opcode.localGet).u32(size).u8(opcode.i32Add);
  out.u8(opcode.i32Const).s32(width).u8(opcode.i32Sub);
}

/** Leaves the address of the one in the middle. */
function half(out: Writer, local: number): void {
  out.u8(opcode.localGet).u32(local).u8(opcode.localGet).u32(size);
  out.u8(opcode.i32Const).s32(1).u8(opcode.i32ShrU).u8(opcode.i32Add);
}

/** An access to some memory, at the address on the stack, not aligned. */
function access(out: Writer, op: number, memory: number): void {
  if (memory === 0) out.u8(op).u8(0).u32(0);
  else out.u8(op).u8(0x40).u32(memory).u32(0);
}
