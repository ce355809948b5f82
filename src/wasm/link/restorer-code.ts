import { misc, opcode } from "../binary/opcodes.ts";
import { Writer } from "../binary/writer.ts";
import { marks } from "../rewrite/marks/layout.ts";

const i32 = 0x7f;
const i64 = 0x7e;
const empty = 0x40;
const [guestMemory, marksMemory, imageMemory] = [0, 1, 2];
const [kept, imageStart, imageEnd, page, most, pages, word, from, to, total] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const op = {
  select: 0x1b,
  i64Load: 0x29,
  i32Load8: 0x2d,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i32And: 0x71,
  i32Shl: 0x74,
  i64Ctz: 0x7a,
  i64ShrU: 0x88,
  vectorLoad: 0,
  anyTrue: 83,
};

/** The module behind `restorer`. A bundle holds its bytes instead of this file. */
export function restorerCode(): Uint8Array {
  const out = Writer.module();
  out.section(1, new Writer().u32(1).u8(0x60).u32(5).u8(i32).u8(i32).u8(i32).u8(i32).u8(i32).u32(1).u8(i32));
  const imports = new Writer().u32(3);
  for (const name of ["guest", "marks", "image"]) imports.name("").name(name).u8(2).u8(0).u32(0);
  out.section(2, imports);
  out.section(3, new Writer().u32(1).u32(0));
  out.section(7, new Writer().u32(1).name("restore").u8(0).u32(0));
  const body = restoreBody();
  out.section(10, new Writer().u32(1).u32(body.length).raw(body.view()));
  return out.view();
}

/** Runs of marked pages are restored at once. Marks beyond the end of the memory are none: what made them trapped. */
function restoreBody(): Writer {
  const out = new Writer().u32(3).u32(1).u8(i32).u32(1).u8(i64).u32(3).u8(i32);
  const get = (local: number): Writer => out.u8(opcode.localGet).u32(local);
  const set = (local: number): Writer => out.u8(opcode.localSet).u32(local);
  const constant = (value: number): Writer => out.u8(opcode.i32Const).s32(value);
  const skip = (count: number): void => {
    out.u8(opcode.if).u8(empty);
    get(page);
    constant(count).u8(opcode.i32Add);
    set(page);
    out.u8(opcode.br).u32(1).u8(opcode.end);
  };
  out.u8(opcode.memorySize).u32(guestMemory);
  constant(16 - marks.pageShift).u8(op.i32Shl);
  set(pages);
  out.u8(opcode.block).u8(empty).u8(opcode.loop).u8(empty);
  get(page);
  get(pages).u8(op.i32GeU).u8(opcode.brIf).u32(1);
  // Sixteen at a time, then eight, then the first of them.
  get(page).u8(opcode.simd).u32(op.vectorLoad).u8(0x40).u32(marksMemory).u32(marks.at).u8(opcode.simd).u32(op.anyTrue);
  out.u8(opcode.i32Eqz);
  skip(16);
  get(page).u8(op.i64Load).u8(0x40).u32(marksMemory).u32(marks.at).u8(opcode.localTee).u32(word).u8(op.i64Eqz);
  skip(8);
  get(word).u8(op.i64Ctz).u8(opcode.i64Const).s32(3).u8(op.i64ShrU).u8(opcode.i32WrapI64);
  get(page).u8(opcode.i32Add).u8(opcode.localTee).u32(page).u8(opcode.localTee).u32(from);
  get(pages).u8(op.i32GeU).u8(opcode.brIf).u32(1);
  run(out, get, constant);
  range(out, get, set, constant);
  enough(get);
  out.u8(opcode.br).u32(0).u8(opcode.end).u8(opcode.end);
  constant(0);
  get(kept).u8(opcode.i32Store).u8(0x42).u32(marksMemory).u32(marks.sizeAt);
  return constant(-1).u8(opcode.end);
}

type Local = (local: number) => Writer;

/** Clears marks up to the next page without one, and counts them; a long run goes in parts. */
function run(out: Writer, get: Local, constant: (value: number) => Writer): void {
  out.u8(opcode.loop).u8(empty);
  get(page);
  constant(0).u8(opcode.i32Store8).u8(0x40).u32(marksMemory).u32(marks.at);
  get(total);
  constant(1).u8(opcode.i32Add).u8(opcode.localSet).u32(total);
  get(page);
  constant(1).u8(opcode.i32Add).u8(opcode.localTee).u32(page);
  get(pages).u8(op.i32LtU);
  get(total);
  get(most).u8(op.i32LtU).u8(op.i32And).u8(opcode.if).u8(i32);
  get(page).u8(op.i32Load8).u8(0x40).u32(marksMemory).u32(marks.at).u8(opcode.else);
  constant(0).u8(opcode.end).u8(opcode.brIf).u32(0).u8(opcode.end);
}

/** Answers where to go on once as many pages were restored as should be. */
function enough(get: Local): void {
  get(total);
  get(most).u8(op.i32GeU).u8(opcode.if).u8(empty);
  get(page).u8(opcode.return).u8(opcode.end);
}

/** From page `from` up to `page`, and some bytes around: from the image, and zero before and behind it. */
function range(out: Writer, get: Local, set: Local, constant: (value: number) => Writer): void {
  get(from);
  constant(marks.pageShift).u8(op.i32Shl);
  constant(marks.slack).u8(opcode.i32Sub);
  constant(0);
  get(from).u8(op.select);
  set(from);
  get(page);
  constant(marks.pageShift).u8(op.i32Shl);
  constant(marks.slack).u8(opcode.i32Add);
  get(pages);
  constant(marks.pageShift).u8(op.i32Shl);
  get(page);
  get(pages).u8(op.i32LtU).u8(op.select);
  set(to);
  until(get, imageStart);
  get(from);
  constant(0);
  length(get, imageStart).u8(opcode.misc).u32(misc.memoryFill).u32(guestMemory);
  get(imageStart);
  set(from);
  out.u8(opcode.end);
  until(get, imageEnd);
  get(from);
  get(from);
  get(imageStart).u8(opcode.i32Sub);
  length(get, imageEnd).u8(opcode.misc).u32(misc.memoryCopy).u32(guestMemory).u32(imageMemory);
  get(imageEnd);
  set(from);
  out.u8(opcode.end);
  until(get, to);
  get(from);
  constant(0);
  length(get, to).u8(opcode.misc).u32(misc.memoryFill).u32(guestMemory).u8(opcode.end);
}

/** Begins what is done where something lies from `from` up to `to` and to `end`. */
function until(get: Local, end: number): void {
  get(from);
  least(get, end).u8(op.i32LtU).u8(opcode.if).u8(empty);
}

function length(get: Local, end: number): Writer {
  least(get, end);
  return get(from).u8(opcode.i32Sub);
}

function least(get: Local, end: number): Writer {
  get(to);
  get(end);
  get(to);
  return get(end).u8(op.i32LtU).u8(op.select);
}
