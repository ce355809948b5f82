import { atomic, gc, Immediate, miscellaneous, opcode, plain, simd } from "./opcodes.ts";
import type { Reader } from "./reader.ts";

/** The instruction just read: one object, overwritten by every `next`, since there are millions of them. */
export interface Instruction {
  /** First byte. */
  op: number;
  /** Number after a prefix byte, else 0. */
  sub: number;
  /** Position of the first byte; the reader stands behind the last. */
  start: number;
  /** Position behind its last byte. */
  end: number;
  /** First index (function, local, label, memory of a memory argument …), where it has one. */
  index: number;
  /** Second index: call_indirect's table, a copy's source. */
  second: number;
  /** Bytes that a memory argument adds to the address. */
  offset: number;
  /** Of i32.const. */
  value: number;
}

export function instruction(): Instruction {
  return { op: 0, sub: 0, start: 0, end: 0, index: 0, second: 0, offset: 0, value: 0 };
}

/** Reads one instruction with its immediates, answers its first byte. Refuses opcodes that are not in the tables. */
export function next(reader: Reader, into: Instruction): number {
  into.start = reader.position;
  const op = (into.op = reader.u8("an instruction"));
  into.sub = 0;
  let kind = plain[op]!;
  if (op >= opcode.gc && op <= opcode.atomic) {
    const sub = (into.sub = reader.u32("an instruction"));
    kind = prefixed[op - opcode.gc]![sub] ?? Immediate.unknown;
  }
  if (kind !== Immediate.none) immediates(reader, into, kind);
  into.end = reader.position;
  return op;
}

const prefixed = [gc, miscellaneous, simd, atomic];

function immediates(reader: Reader, into: Instruction, kind: number): void {
  switch (kind) {
    case Immediate.block:
      blockType(reader);
      return;
    case Immediate.index:
      into.index = reader.u32("an index");
      return;
    case Immediate.indexes:
      into.index = reader.u32("an index");
      into.second = reader.u32("an index");
      return;
    case Immediate.brTable:
      for (let n = reader.count("labels"); n >= 0; n--) reader.u32("a label");
      return;
    case Immediate.memory:
      memoryArgument(reader, into);
      return;
    case Immediate.memoryLane:
      memoryArgument(reader, into);
      reader.u8("a lane");
      return;
    case Immediate.i32:
      into.value = reader.s33() | 0;
      return;
    case Immediate.i64:
      reader.skipLeb(10);
      return;
    case Immediate.f32:
      reader.take(4, "a constant");
      return;
    case Immediate.f64:
      reader.take(8, "a constant");
      return;
    case Immediate.bytes16:
      reader.take(16, "a constant");
      return;
    case Immediate.byte:
      reader.u8();
      return;
    case Immediate.select:
      for (let n = reader.count("types"); n > 0; n--) valueType(reader);
      return;
    case Immediate.heap:
      reader.s33();
      return;
    case Immediate.cast:
      reader.u8();
      into.index = reader.u32("a label");
      reader.s33();
      reader.s33();
      return;
    case Immediate.tryTable:
      blockType(reader);
      for (let n = reader.count("catch clauses", 2); n > 0; n--) {
        // catch and catch_ref name a tag first; catch_all and catch_all_ref do not.
        if (reader.u8("a catch clause") < 2) reader.u32("a tag");
        reader.u32("a label");
      }
      return;
    default:
      reader.fail(`expected a known instruction, got 0x${into.op.toString(16)} ${into.sub}`, into.start);
  }
}

function blockType(reader: Reader): void {
  const first = reader.peek();
  if (first === 0x63 || first === 0x64) valueType(reader);
  else reader.s33();
}

/** A value type: one byte, or `(ref null? heap)`. */
export function valueType(reader: Reader): number {
  const first = reader.u8("a value type");
  if (first === 0x63 || first === 0x64) reader.s33();
  else if (first < 0x65 || first > 0x7f) reader.fail("expected a value type", reader.position - 1);
  return first;
}

function memoryArgument(reader: Reader, into: Instruction): void {
  const flags = reader.u32("an alignment");
  into.index = flags & 0x40 ? reader.u32("a memory") : 0;
  into.offset = reader.u64("an offset");
}

/** Passes over a constant expression up to and with its `end`, calling back on each instruction. */
export function constantExpression(reader: Reader, each?: (found: Instruction) => void): void {
  const found = instruction();
  do {
    next(reader, found);
    if (found.op === opcode.block || found.op === opcode.loop || found.op === opcode.if) {
      reader.fail("expected a constant expression, got a block", found.start);
    }
    each?.(found);
  } while (found.op !== opcode.end);
}
