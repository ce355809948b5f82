import { Refused } from "./errno.ts";
import { anyRight } from "./rights.ts";

export const fdFlags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const openFlags = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
export const timeFlags = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;
export const followFlag = 1;

/** Flags of a guest, all of which must mean something. Throws `inval`. */
export function flagsOf(bits: number, known: Readonly<Record<string, number>>): number {
  const all = Object.values(known).reduce((sum, bit) => sum | bit, 0);
  if ((bits & ~all) !== 0) throw new Refused("inval");
  return bits;
}

/** `lookupflags`: whether a link in the last place is followed. */
export function followsOf(bits: number): boolean {
  return flagsOf(bits, { followFlag }) !== 0;
}

/** Rights of a guest; bits that mean nothing are none. */
export function rightsOf(bits: bigint): number {
  return Number(bits & BigInt(anyRight));
}
