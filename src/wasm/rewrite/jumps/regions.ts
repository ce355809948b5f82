import type { Dispatch } from "./dispatch.ts";

/** Loops within loops beyond which a function is left as it is; compilers come to ten. */
const deepest = 30;
/** What the tables of all loops may have together, by what the one in their place has. */
const mostEntries = 12;

/**
 * Which pieces make up loops: from one that is jumped back to, to the last one that does. Loops lie in each other or beside each other: one
 * that would begin in another and end behind it makes that one longer.
 */
export interface Regions {
  /** By piece, the last one of the loop that begins there; -1: none does. */
  last: Int32Array;
  /** By piece, where the innermost loop begins that holds it and does not begin with it; -1: there is none. */
  around: Int32Array;
  /** By piece where a loop begins, the value that most jumps to it set. */
  value: Map<number, number>;
  /** The same of loops of more than one piece: the part of the table that leads into it, from its first entry to behind its last. */
  parts: Map<number, [first: number, behind: number]>;
}

/** The piece that a value leads to. */
export function pieceOf({ table }: Dispatch, value: number): number {
  return table[Math.min(value >>> 0, table.length - 1)]!;
}

/** Undefined where that would make a function much longer. */
export function regionsOf(dispatch: Dispatch): Regions | undefined {
  const count = dispatch.pieces.length;
  const last = new Int32Array(count).fill(-1);
  const around = new Int32Array(count).fill(-1);
  const value = new Map<number, number>();
  for (const change of dispatch.changes) {
    if (!("value" in change)) continue;
    const to = pieceOf(dispatch, change.value);
    if (to > change.piece) continue;
    last[to] = Math.max(last[to]!, change.piece);
    if (!value.has(to)) value.set(to, change.value);
  }
  for (let first = count - 1; first >= 0; first--) {
    if (last[first]! < 0) continue;
    for (let piece = first + 1; piece <= last[first]!; piece++) {
      if (last[piece]! < 0) continue;
      last[first] = Math.max(last[first]!, last[piece]!);
      piece = last[piece]!;
    }
  }
  const open: number[] = [];
  let entries = 0;
  for (let piece = 0; piece < count; piece++) {
    while (open.length > 0 && last[open.at(-1)!]! < piece) open.pop();
    around[piece] = open.at(-1) ?? -1;
    if (last[piece]! >= 0) open.push(piece);
    if (open.length > deepest) return undefined;
    entries += open.length;
  }
  const most = mostEntries * (count + dispatch.table.length);
  const parts = entries > most ? undefined : partsOf(dispatch, last, most);
  return parts && { last, around, value, parts };
}

/** Undefined where they have more entries together. */
function partsOf({ table }: Dispatch, last: Int32Array, most: number): Regions["parts"] | undefined {
  const [firsts, lasts] = [new Int32Array(last.length).fill(table.length), new Int32Array(last.length)];
  for (const [value, piece] of table.entries()) {
    firsts[piece] = Math.min(firsts[piece]!, value);
    lasts[piece] = value;
  }
  const parts: Regions["parts"] = new Map();
  let entries = 0;
  for (const [head, end] of last.entries()) {
    if (end <= head) continue;
    let [first, behind] = [table.length, 0];
    for (let piece = head; piece <= end; piece++) {
      first = Math.min(first, firsts[piece]!);
      behind = Math.max(behind, lasts[piece]! + 1);
    }
    // The last entry is for all other values.
    behind = Math.min(behind, table.length - 1);
    parts.set(head, [first, behind]);
    entries += behind - first;
  }
  return entries > most ? undefined : parts;
}
