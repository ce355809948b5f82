import { isUtf8 } from "node:buffer";
import { lstatSync, readlinkSync, type BigIntStats } from "node:fs";
import { FileError } from "./contract.ts";
import { isLink, type Place } from "./walk.ts";

/** What stands in a place. */
export function statsOf(place: Place): BigIntStats | typeof isLink {
  const stats = lstatSync(place.at, { bigint: true });
  if (place.follow && stats.isSymbolicLink()) return isLink;
  if (place.slash && !stats.isDirectory()) throw new FileError("not-directory");
  return stats;
}

/** What the link in a place holds. With a slash behind it, it stands for the directory that it leads to instead. */
export function targetOf(place: Place): string | typeof isLink {
  if (place.slash && statsOf(place) === isLink) return isLink;
  const target = readlinkSync(place.at, "buffer");
  if (target[0] === 0x2f) throw new FileError("not-permitted", "a link to an absolute path");
  if (!isUtf8(target)) throw new FileError("illegal-byte-sequence", "a link that is not UTF-8");
  return target.toString("utf8");
}
