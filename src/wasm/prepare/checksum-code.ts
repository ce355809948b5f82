import { opcode } from "../binary/opcodes.ts";
import { Writer } from "../binary/writer.ts";

/** Bytes that fit in its memory. */
export const mostAtOnce = 256 << 10;

/** Bytes that one round takes: a word for each of the sums that are made beside each other. */
export const roundBytes = 32;

const [i32, i64, empty] = [0x7f, 0x7e, 0x40];
const op = { i64Load: 0x29, i32LtU: 0x49, i64Xor: 0x85 };
const [from, end, sum, others] = [0, 1, 2, [3, 4, 5]];
/** 2^64 divided by the golden ratio, odd: every bit of a word reaches the upper half of the product. */
const factor = BigInt.asIntN(64, 0x9e3779b97f4a7c15n);

/**
 * A module with its memory and `sum(from, end, sum) -> sum` over rounds of four words of 64 bits, one round at least. Each word is mixed into
 * one of four sums, the others of which begin with zero: by XOR, the sum multiplied, and its upper half mixed into the lower one. In the end they
 * are mixed into the first in the same way. All of these can be undone, so that two inputs that differ in one word never have one sum.
 * Four, since each step waits for the one before it, and a processor works on as many meanwhile. A bundle holds its bytes instead of this file.
 */
export function checksumCode(): Uint8Array {
  const out = Writer.module();
  out.section(1, new Writer().u32(1).u8(0x60).u32(3).u8(i32).u8(i32).u8(i64).u32(1).u8(i64));
  out.section(3, new Writer().u32(1).u32(0));
  out.section(
    5,
    new Writer()
      .u32(1)
      .u8(0)
      .u32(mostAtOnce >> 16),
  );
  out.section(7, new Writer().u32(2).name("memory").u8(2).u32(0).name("sum").u8(0).u32(0));
  const body = new Writer().u32(1).u32(others.length).u8(i64).u8(opcode.loop).u8(empty);
  for (const [i, each] of [sum, ...others].entries()) {
    body.u8(opcode.localGet).u32(each).u8(opcode.localGet).u32(from);
    mix(
      body
        .u8(op.i64Load)
        .u32(3)
        .u32(i * 8),
      each,
    );
  }
  body
    .u8(opcode.localGet)
    .u32(from)
    .u8(opcode.i32Const)
    .s32(roundBytes)
    .u8(opcode.i32Add)
    .u8(opcode.localTee)
    .u32(from);
  body.u8(opcode.localGet).u32(end).u8(op.i32LtU).u8(opcode.brIf).u32(0).u8(opcode.end);
  for (const each of others) mix(body.u8(opcode.localGet).u32(sum).u8(opcode.localGet).u32(each), sum);
  body.u8(opcode.localGet).u32(sum).u8(opcode.end);
  out.section(10, new Writer().u32(1).u32(body.length).raw(body.view()));
  return out.view();
}

/** Two words that stand on the stack, mixed into a sum. */
function mix(body: Writer, into: number): void {
  body.u8(op.i64Xor).u8(opcode.i64Const).s64(factor).u8(opcode.i64Mul).u8(opcode.localTee).u32(into);
  body.u8(opcode.localGet).u32(into).u8(opcode.i64Const).s64(32n).u8(opcode.i64ShrU).u8(op.i64Xor);
  body.u8(opcode.localSet).u32(into);
}
