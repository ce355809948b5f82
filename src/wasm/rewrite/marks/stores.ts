import type { Instruction } from "../../binary/index.ts";
import { f32, f64, i32, i64, opcode, threads, v128 } from "../../binary/index.ts";

/** From i32.store (0x36) to i64.store32 (0x3e). */
const plainBytes = [4, 8, 4, 8, 1, 2, 1, 2, 4];
const plainTypes = [i32, i64, f32, f64, i32, i32, i64, i64, i64];
const laneBytes = [1, 2, 4, 8];

/** From i32.atomic.store to i64.atomic.store32, and so of each kind of exchange. */
const atomicBytes = [4, 8, 1, 2, 1, 2, 4];
const atomicTypes = [i32, i64, i32, i32, i64, i64, i64];

const vectorStore = 11;
const firstLaneStore = 88;

/**
 * Bytes that an instruction stores at the address below its value; 0: it stores nothing.
 * @param short see `Trace`: such an operation is taken for a store.
 */
export function storedBytes({ op, sub, start }: Instruction, short?: ReadonlyMap<number, number>): number {
  if (op === opcode.misc) return short?.get(start) ?? 0;
  if (op >= opcode.i32Store && op <= opcode.i64Store32) return plainBytes[op - opcode.i32Store]!;
  if (op === opcode.atomic) return sub < threads.firstStore ? 0 : atomicBytes[(sub - threads.firstStore) % 7]!;
  if (op !== opcode.simd) return 0;
  return sub === vectorStore ? 16 : (laneBytes[sub - firstLaneStore] ?? 0);
}

/** The type of the value that a store takes. */
export function storedType({ op, sub }: Instruction): number {
  if (op === opcode.atomic) return atomicTypes[(sub - threads.firstStore) % 7]!;
  if (op === opcode.misc) return i32;
  return op === opcode.simd ? v128 : plainTypes[op - opcode.i32Store]!;
}

/** Operands above the address: the value, and what it is compared to before; value or source, and size. */
export function operandsAbove({ op, sub }: Instruction): 1 | 2 {
  if (op === opcode.misc) return 2;
  return op === opcode.atomic && sub >= threads.firstCompare ? 2 : 1;
}
