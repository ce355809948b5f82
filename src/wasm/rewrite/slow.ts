import type { Instruction } from "../binary/index.ts";
import { misc, opcode, threads } from "../binary/index.ts";
import { isArrayBulk } from "./heap.ts";
import { isStretch } from "./pieces.ts";

/** Loads that nobody has asked for before, and divisions, take tens of times as long as others; they count as so many bytes more. */
export const slowBytes = 6;

/** Whether an instruction is one of them. */
export function isSlow(op: number): boolean {
  return (op >= opcode.i32Load && op <= lastLoad) || slowOperators.has(op) || op === opcode.gc || op === opcode.atomic;
}

/** i64.load32_u */
const lastLoad = 0x35;
/** Quotients, remainders and roots: of i32, i64, f32 and f64. */
const slowOperators = new Set([0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82, 0x91, 0x95, 0x9f, 0xa3]);

/**
 * As so many bytes more count, everywhere, instructions that take long at any time: what the engine does in its runtime whatever its size
 * is, and what waits until all that was written before is seen.
 */
export function heavyBytes({ op, sub }: Instruction): number {
  if (op === opcode.tableSet) return 256;
  if (op === opcode.atomic) return sub >= threads.firstStore || sub < threads.load32 ? 24 : 0;
  if (op === opcode.gc) return isArrayBulk(sub) ? 32 : 0;
  return op === opcode.misc && sub >= misc.dataDrop && !isStretch(sub) && sub !== misc.tableSize ? 128 : 0;
}
