import type { Body, CoreModule, Instruction } from "../../binary/index.ts";
import { empty, instruction, nextInstruction, objects, opcode, Reader } from "../../binary/index.ts";
import { skipLocals } from "../scan.ts";

/**
 * A function as Go's compiler writes all of them that jump: pieces of code in a loop, of which a local says with which to begin, and
 * every jump sets that local and goes back to the beginning.
 *
 *     loop
 *       block … block local.get X br_table … end   ;; piece 0
 *       … i32.const K local.set X br (the loop) … end   ;; piece 1
 *       …
 *     end
 */
export interface Dispatch {
  /** Of the loop: where it begins, and what is behind its end. */
  start: number;
  end: number;
  /** X. */
  local: number;
  /** By value of X, the piece that it leads to; the last one is for all other values. */
  table: readonly number[];
  /** Where each begins, behind the end of a block, and the `end` at which it ends. */
  pieces: { from: number; to: number }[];
  /** What is written otherwise without the dispatch, in order. */
  changes: (Jump | Leave)[];
}

interface Place {
  /** Positions in the module. */
  from: number;
  to: number;
  piece: number;
  /** Blocks of the piece around it. */
  depth: number;
}

/** From one piece to another, by the value that it sets. */
export interface Jump extends Place {
  value: number;
}

/** A branch to what is around the loop, or to what is within the piece. */
export interface Leave extends Place {
  op: number;
  labels: number[];
}

/** The loop stands within so many instructions. */
const mostBefore = 32;

/**
 * Finds the dispatch of a function. Undefined where it has none, or where anything else depends on how it is done: X is read
 * by others, or the loop is gone back to without a constant.
 */
export function dispatchOf(module: CoreModule, body: Body): Dispatch | undefined {
  const reader = new Reader(module.bytes, body.start, body.end);
  skipLocals(reader);
  const found = instruction();
  for (let n = 0; n < mostBefore && !reader.done; n++) {
    if (nextInstruction(reader, found) !== opcode.loop) continue;
    if (module.bytes[found.start + 1] !== empty) return undefined;
    const { start } = found;
    const head = headOf(module, reader, found);
    return head && withPieces(reader, found, { ...head, start, end: 0, pieces: [], changes: [] });
  }
  return undefined;
}

/** The blocks and the table. */
function headOf(module: CoreModule, reader: Reader, found: Instruction) {
  let count = 0;
  while (!reader.done && nextInstruction(reader, found) === opcode.block) {
    if (module.bytes[found.start + 1] !== empty) return undefined;
    count++;
  }
  if (count === 0 || found.op !== opcode.localGet) return undefined;
  const local = found.index;
  if (nextInstruction(reader, found) !== opcode.brTable) return undefined;
  const table = labelsOf(reader, found);
  if (table.some((label) => label >= count) || nextInstruction(reader, found) !== opcode.end) return undefined;
  return { local, table, count };
}

function labelsOf({ bytes }: Reader, { start, end, op, index }: Instruction): number[] {
  if (op !== opcode.brTable) return [index];
  const reader = new Reader(bytes, start + 1, end);
  return Array.from({ length: reader.u32() + 1 }, () => reader.u32());
}

function withPieces(reader: Reader, found: Instruction, into: Dispatch & { count: number }): Dispatch | undefined {
  const { local, count, pieces, changes } = into;
  let [from, depth] = [found.end, 0];
  /** Where the constant stands that was put on the stack, or into X, just now. */
  let [constant, set] = [-1, -1];
  let value = 0;
  while (!reader.done) {
    const op = nextInstruction(reader, found);
    const [before, jumps] = [constant, set];
    constant = set = -1;
    if (op === opcode.i32Const) [constant, value] = [found.start, found.value];
    else if (op === opcode.localSet && found.index === local) set = before;
    else if ((op === opcode.localGet || op === opcode.localTee) && found.index === local) return undefined;
    else if (into.end > 0) continue;
    else if (op === opcode.block || op === opcode.loop || op === opcode.if) depth++;
    else if (op === opcode.end && depth > 0) depth--;
    else if (op === opcode.end) {
      pieces.push({ from, to: found.start });
      from = found.end;
      if (pieces.length === count) into.end = found.end;
    } else if (op >= opcode.br && op <= opcode.brTable) {
      const labels = labelsOf(reader, found);
      const [piece, to] = [pieces.length, found.end];
      const loop = depth + count - 1 - piece;
      if (op === opcode.br && found.index === loop && jumps >= 0)
        changes.push({ from: jumps, to, piece, depth, value });
      else if (labels.some((label) => label >= depth && label <= loop)) return undefined;
      else changes.push({ from: found.start, to, piece, depth, op, labels });
    } else if (odd.has(op)) return undefined;
    else if (op === opcode.gc && (found.sub === objects.brOnCast || found.sub === objects.brOnCastFail))
      return undefined;
  }
  return into.end > 0 ? into : undefined;
}

/** They branch too. */
const odd = new Set<number>([
  opcode.try,
  opcode.tryTable,
  opcode.catch,
  opcode.catchAll,
  opcode.delegate,
  opcode.rethrow,
  opcode.brOnNull,
  opcode.brOnNonNull,
]);
