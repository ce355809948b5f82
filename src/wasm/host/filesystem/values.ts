import {
  FileError,
  fileTypes,
  type FileStat,
  type FileType,
  type MetadataHash,
  type NewTime,
} from "../../files/index.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";

const nanoseconds = 1_000_000_000n;

export function numberOfType(type: FileType): number {
  return fileTypes.indexOf(type);
}

/** Writes a `descriptor-stat`. */
export function putStat(memory: GuestMemory, at: number, stat: FileStat): void {
  const { view } = memory;
  view.setUint8(at, numberOfType(stat.type));
  view.setBigUint64(at + 8, stat.linkCount, true);
  view.setBigUint64(at + 16, stat.size, true);
  putTime(view, at + 24, stat.accessed);
  putTime(view, at + 48, stat.modified);
  putTime(view, at + 72, stat.changed);
}

/** Writes an `option<datetime>`, which is none before 1970. */
function putTime(view: DataView, at: number, time: bigint): void {
  view.setUint8(at, Number(time >= 0n));
  if (time < 0n) return;
  view.setBigUint64(at + 8, time / nanoseconds, true);
  view.setUint32(at + 16, Number(time % nanoseconds), true);
}

export function putHash(memory: GuestMemory, at: number, hash: MetadataHash): void {
  memory.view.setBigUint64(at, hash.lower, true);
  memory.view.setBigUint64(at + 8, hash.upper, true);
}

/**
 * A `new-timestamp` of a guest, flattened. Throws `invalid` for more nanoseconds than a second has.
 * @param seconds as the guest's version of WASI has them, signed or not.
 */
export function newTime(guest: Guest, kind: number, seconds: bigint, fraction: number): NewTime {
  if (kind === 0) return "no-change";
  if (kind === 1) return "now";
  if (kind !== 2) throw guest.fail("component-trapped", `there is no new-timestamp number ${kind}`);
  const rest = BigInt(fraction >>> 0);
  if (rest >= nanoseconds) throw new FileError("invalid", "more nanoseconds than a second has");
  return seconds * nanoseconds + rest;
}
