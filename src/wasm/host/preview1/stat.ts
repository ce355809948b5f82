import type { FileStat, FileType, MetadataHash, NewTime } from "../../files/index.ts";
import type { GuestMemory } from "../memory.ts";
import { Refused } from "./errno.ts";
import { flagsOf, timeFlags } from "./flags.ts";

/** `filetype`: unknown, block_device, character_device, directory, regular_file, socket_dgram, socket_stream, symbolic_link. */
const numbers: Readonly<Record<FileType, number>> = {
  unknown: 0,
  "block-device": 1,
  "character-device": 2,
  directory: 3,
  "regular-file": 4,
  socket: 6,
  "symbolic-link": 7,
  fifo: 0,
};

export const characterDevice = numbers["character-device"];
export const unknownType = numbers.unknown;

export function numberOfType(type: FileType): number {
  return numbers[type];
}

/** How `filestat` lies in memory, which differs between the two versions. */
export interface StatLayout {
  size: number;
  /** Bytes of the number of links, at 20 or 24. */
  links: 4 | 8;
}

export const statLayouts = { snapshot: { size: 64, links: 8 }, unstable: { size: 56, links: 4 } } as const;

/** Of stdio, of which nothing is told but whether a person sits there. */
export function putStreamStat(memory: GuestMemory, result: number, { size }: StatLayout, terminal: boolean): void {
  const at = memory.at(result, size, 8);
  memory.bytes.fill(0, at, at + size);
  memory.view.setUint8(at + 16, terminal ? characterDevice : unknownType);
}

/** Device and inode are one number and the hash that stands for both: guests are not told those of the host. */
export function putStat(
  memory: GuestMemory,
  result: number,
  { size, links }: StatLayout,
  stat: FileStat,
  hash: MetadataHash,
): void {
  const at = memory.at(result, size, 8);
  const { view } = memory;
  memory.bytes.fill(0, at, at + size);
  view.setBigUint64(at, 1n, true);
  view.setBigUint64(at + 8, hash.lower, true);
  view.setUint8(at + 16, numberOfType(stat.type));
  if (links === 8) view.setBigUint64(at + 24, stat.linkCount, true);
  else view.setUint32(at + 20, Number(stat.linkCount), true);
  const rest = [stat.size, timestamp(stat.accessed), timestamp(stat.modified), timestamp(stat.changed)];
  for (const [i, each] of rest.entries()) view.setBigUint64(at + size - 32 + i * 8, each, true);
}

/** Nanoseconds since 1970; what was before is 0. */
function timestamp(time: bigint): bigint {
  return time < 0n ? 0n : time;
}

/** The times that `fstflags` tell. Throws `inval` where one is to become two things. */
export function newTimes(accessed: bigint, modified: bigint, bits: number): [NewTime, NewTime] {
  const flags = flagsOf(bits, timeFlags);
  return [
    newTime(flags & timeFlags.atim, accessed, flags & timeFlags.atimNow),
    newTime(flags & timeFlags.mtim, modified, flags & timeFlags.mtimNow),
  ];
}

function newTime(isSet: number, time: bigint, isNow: number): NewTime {
  if (isSet !== 0 && isNow !== 0) throw new Refused("inval");
  if (isNow !== 0) return "now";
  return isSet === 0 ? "no-change" : BigInt.asUintN(64, time);
}
