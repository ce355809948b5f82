import { host, type Function } from "../define.ts";
import { Entries, type Entry } from "./entries.ts";
import { attempt, Refused } from "./errno.ts";
import { numberOfType } from "./stat.ts";
import { descriptorsOf } from "./world.ts";

const headSize = 24;
/** Places are counted in numbers here; no directory has as many entries. */
const lastPlace = BigInt(Number.MAX_SAFE_INTEGER) - 1n;

/** A `dirent` and its name behind it. @param next the place of the entry behind it. */
function direntOf({ name, type, inode }: Entry, next: number): Buffer {
  const text = Buffer.from(name);
  const dirent = Buffer.alloc(headSize + text.length);
  dirent.writeBigUInt64LE(BigInt(next), 0);
  dirent.writeBigUInt64LE(inode, 8);
  dirent.writeUInt32LE(text.length, 16);
  dirent.writeUInt8(numberOfType(type), 20);
  dirent.set(text, headSize);
  return dirent;
}

export const readdirFunctions: Record<string, Function> = {
  fd_readdir: host(
    "iiiIi:i",
    (guest, memory) => (fd: number, buffer: number, size: number, cookie: bigint, result: number) =>
      attempt(() => {
        const open = descriptorsOf(guest).directory(fd, "fd_readdir");
        const first = BigInt.asUintN(64, cookie);
        if (first > lastPlace) throw new Refused("inval");
        const room = size >>> 0;
        const at = memory.at(buffer, room);
        const entries = (open.entries ??= new Entries(open.file));
        let place = Number(first);
        if (place === 0) entries.rewind();
        else entries.forget(place);
        let used = 0;
        while (used < room) {
          const entry = entries.at(place++);
          if (entry === undefined) break;
          // The last one may be cut off: the program asks for it again, by its place.
          used += direntOf(entry, place).copy(memory.bytes, at + used, 0, room - used);
        }
        memory.view.setUint32(memory.at(result, 4, 4), used, true);
      }),
  ),
};
