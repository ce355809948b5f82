/** What follows an opcode in the binary format. https://webassembly.github.io/spec/core/binary/instructions.html */
export const Immediate = {
  unknown: 0,
  none: 1,
  block: 2,
  /** One index of any space, or another single u32. */
  index: 3,
  /** Two of them. */
  indexes: 4,
  brTable: 5,
  memory: 6,
  i32: 7,
  i64: 8,
  f32: 9,
  f64: 10,
  select: 11,
  heap: 12,
  tryTable: 13,
  /** Memory argument and a lane. */
  memoryLane: 14,
  byte: 15,
  bytes16: 16,
  /** br_on_cast: flags, label, two heap types. */
  cast: 17,
} as const;
export type Immediate = (typeof Immediate)[keyof typeof Immediate];

export const opcode = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  tryTable: 0x1f,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  i32Load: 0x28,
  i32Load8U: 0x2d,
  i32Store: 0x36,
  i32Store8: 0x3a,
  i64Store32: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeS: 0x4e,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64ExtendI32U: 0xad,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  f64Add: 0xa0,
  i32WrapI64: 0xa7,
  refNull: 0xd0,
  refFunc: 0xd2,
  refAsNonNull: 0xd4,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  gc: 0xfb,
  misc: 0xfc,
  simd: 0xfd,
  atomic: 0xfe,
} as const;

/** Second number after 0xfb. */
export const objects = {
  structNew: 0,
  structNewDefault: 1,
  arrayNew: 6,
  arrayNewDefault: 7,
  arrayNewFixed: 8,
  arrayNewData: 9,
  arrayNewElem: 10,
  arrayFill: 16,
  arrayCopy: 17,
  arrayInitData: 18,
  arrayInitElem: 19,
  brOnCast: 24,
  brOnCastFail: 25,
} as const;

/** Second number after 0xfe; loads, stores and each kind of exchange come in the order of `threads.load32` to `firstStore`. */
export const threads = {
  wait32: 1,
  wait64: 2,
  load32: 0x10,
  load64: 0x11,
  firstStore: 0x17,
  /** Compares first; takes one operand more. */
  firstCompare: 0x48,
} as const;

/** Second number after 0xfc. */
export const misc = {
  memoryInit: 8,
  dataDrop: 9,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  elemDrop: 13,
  tableCopy: 14,
  tableGrow: 15,
  tableSize: 16,
  tableFill: 17,
} as const;

type Ranges = [from: number, to: number, kind: Immediate][];

function table(size: number, ranges: Ranges): Uint8Array {
  const kinds = new Uint8Array(size);
  for (const [from, to, kind] of ranges) kinds.fill(kind, from, to + 1);
  return kinds;
}

const { none, block, index, indexes, brTable, memory, heap, memoryLane, byte, bytes16, cast } = Immediate;

/** By first byte; 0xfb to 0xfe lead to the tables below. */
export const plain = table(256, [
  [0x00, 0x01, none],
  [0x02, 0x04, block],
  [0x05, 0x05, none],
  [0x06, 0x06, block],
  [0x07, 0x09, index], // catch, throw, rethrow
  [0x0a, 0x0b, none], // throw_ref, end
  [0x0c, 0x0d, index],
  [0x0e, 0x0e, brTable],
  [0x0f, 0x0f, none],
  [0x10, 0x10, index],
  [0x11, 0x11, indexes],
  [0x12, 0x12, index],
  [0x13, 0x13, indexes],
  [0x14, 0x15, index], // call_ref, return_call_ref
  [0x18, 0x18, index], // delegate
  [0x19, 0x1b, none], // catch_all, drop, select
  [0x1c, 0x1c, Immediate.select],
  [0x1f, 0x1f, Immediate.tryTable],
  [0x20, 0x26, index],
  [0x28, 0x3e, memory],
  [0x3f, 0x40, index],
  [0x41, 0x41, Immediate.i32],
  [0x42, 0x42, Immediate.i64],
  [0x43, 0x43, Immediate.f32],
  [0x44, 0x44, Immediate.f64],
  [0x45, 0xc4, none],
  [0xd0, 0xd0, heap],
  [0xd1, 0xd1, none],
  [0xd2, 0xd2, index],
  [0xd3, 0xd4, none], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, index], // br_on_null, br_on_non_null
]);

/** Garbage collection, after 0xfb. */
export const gc = table(31, [
  [0, 1, index],
  [2, 5, indexes],
  [6, 7, index],
  [8, 10, indexes],
  [11, 14, index],
  [15, 15, none],
  [16, 16, index],
  [17, 19, indexes],
  [20, 23, heap],
  [24, 25, cast],
  [26, 30, none],
]);

/** Saturating conversions and bulk operations, after 0xfc. */
export const miscellaneous = table(18, [
  [0, 7, none],
  [8, 8, indexes],
  [9, 9, index],
  [10, 10, indexes],
  [11, 11, index],
  [12, 12, indexes],
  [13, 13, index],
  [14, 14, indexes],
  [15, 17, index],
]);

/** Vectors, after 0xfd, relaxed ones included. */
export const simd = table(0x114, [
  [0, 11, memory],
  [12, 13, bytes16],
  [14, 20, none],
  [21, 34, byte],
  [35, 83, none],
  [84, 91, memoryLane],
  [92, 93, memory],
  [94, 0x113, none],
]);

/** Threads, after 0xfe. */
export const atomic = table(0x4f, [
  [0, 2, memory],
  [3, 3, byte],
  [0x10, 0x4e, memory],
]);
