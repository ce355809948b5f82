import { constants, type BigIntStats } from "node:fs";
import { cryptography, fillRandom } from "../../foundation/chance/index.ts";
import type { FileStat, FileType, MetadataHash } from "./contract.ts";

/** So that hashes tell nothing of the inodes they are made of. */
let secret: Buffer | undefined;

const types: Readonly<Record<number, FileType>> = {
  [constants.S_IFBLK]: "block-device",
  [constants.S_IFCHR]: "character-device",
  [constants.S_IFDIR]: "directory",
  [constants.S_IFIFO]: "fifo",
  [constants.S_IFLNK]: "symbolic-link",
  [constants.S_IFREG]: "regular-file",
  [constants.S_IFSOCK]: "socket",
};

export function typeOf(stats: BigIntStats): FileType {
  return types[Number(stats.mode) & constants.S_IFMT] ?? "unknown";
}

export function statOf(stats: BigIntStats): FileStat {
  return {
    type: typeOf(stats),
    device: stats.dev,
    inode: stats.ino,
    linkCount: stats.nlink,
    size: stats.size,
    accessed: stats.atimeNs,
    modified: stats.mtimeNs,
    changed: stats.ctimeNs,
  };
}

/** Of what identifies an object, not of what changes in it: programs take it for the inode. */
export function hashOf({ dev, ino }: BigIntStats): MetadataHash {
  const digest = cryptography()
    .createHmac("sha256", (secret ??= fillRandom(Buffer.alloc(32))))
    .update(`${dev}:${ino}`)
    .digest();
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) };
}
