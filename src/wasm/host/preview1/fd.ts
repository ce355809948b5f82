import { host, type Function } from "../define.ts";
import type { GuestMemory } from "../memory.ts";
import { keepRights, type Open } from "./descriptors.ts";
import { attempt, Refused } from "./errno.ts";
import { fdFlags, flagsOf, rightsOf } from "./flags.ts";
import {
  characterDevice,
  newTimes,
  numberOfType,
  putStat,
  putStreamStat,
  unknownType,
  type StatLayout,
} from "./stat.ts";
import { unsigned } from "./streams.ts";
import { descriptorsOf } from "./world.ts";

const furthest = 2n ** 63n - 1n;
/** Numbers of `advice`: normal to noreuse. */
const advices = 6;

/** Flags that a descriptor was opened with or has been given since. */
function flagsNow(open: Open): number {
  if (open.kind !== "file") return open.flags;
  const { fileIntegritySync, dataIntegritySync, requestedWriteSync } = open.file.flags;
  const sync =
    (fileIntegritySync ? fdFlags.sync : 0) |
    (dataIntegritySync ? fdFlags.dsync : 0) |
    (requestedWriteSync ? fdFlags.rsync : 0);
  return open.flags | sync;
}

function typeOf(open: Open): number {
  if (open.kind === "file" || open.kind === "directory") return numberOfType(open.file.type);
  return open.terminal ? characterDevice : unknownType;
}

function putFdstat(memory: GuestMemory, result: number, open: Open): void {
  const at = memory.at(result, 24, 8);
  const { view } = memory;
  view.setBigUint64(at, 0n, true);
  view.setUint8(at, typeOf(open));
  view.setUint16(at + 2, flagsNow(open), true);
  view.setBigUint64(at + 8, BigInt(open.base), true);
  view.setBigUint64(at + 16, BigInt(open.inheriting), true);
}

/** The end of a span of a file. Throws `inval` for one that no file can have. */
function endOf(offset: bigint, length: bigint): bigint {
  const [from, size] = [unsigned(offset), unsigned(length)];
  if (from > furthest || size > furthest || from + size > furthest) throw new Refused("inval");
  return from + size;
}

/** Where a place is counted from, by the numbers of a version. */
export type Whence = readonly ("start" | "current" | "end")[];

export function seek(whence: Whence): Function {
  return host("iIii:i", (guest, memory) => (fd: number, offset: bigint, from: number, result: number) => {
    return attempt(() => {
      const open = descriptorsOf(guest).file(fd, "fd_seek", "spipe");
      const base = whence[from >>> 0];
      if (base === undefined) throw new Refused("inval");
      const start = base === "start" ? 0n : base === "current" ? open.position : open.file.stat().size;
      const position = start + offset;
      if (position < 0n || position > furthest) throw new Refused("inval");
      memory.view.setBigUint64(memory.at(result, 8, 8), position, true);
      open.position = position;
    });
  });
}

export function filestatGet(layout: StatLayout): Function {
  return host("ii:i", (guest, memory) => (fd: number, result: number) => {
    return attempt(() => {
      const open = descriptorsOf(guest).get(fd, "fd_filestat_get");
      if (open.kind === "file" || open.kind === "directory")
        putStat(memory, result, layout, open.file.stat(), open.file.metadataHash());
      else putStreamStat(memory, result, layout, open.terminal);
    });
  });
}

export const fdFunctions: Record<string, Function> = {
  fd_advise: host("iIIi:i", (guest) => (fd: number, offset: bigint, length: bigint, advice: number) => {
    return attempt(() => {
      const { file } = descriptorsOf(guest).file(fd, "fd_advise");
      endOf(offset, length);
      if (advice >>> 0 >= advices) throw new Refused("inval");
      file.advise(unsigned(offset), unsigned(length));
    });
  }),
  fd_allocate: host("iII:i", (guest) => (fd: number, offset: bigint, length: bigint) => {
    return attempt(() => {
      const { file } = descriptorsOf(guest).file(fd, "fd_allocate");
      const end = endOf(offset, length);
      if (unsigned(length) === 0n) throw new Refused("inval");
      if (!file.flags.write) throw new Refused("badf");
      // The place is not kept free on the disk: Node has no call for that.
      if (end > file.stat().size) file.setSize(end);
    });
  }),
  fd_close: host("i:i", (guest) => (fd: number) => attempt(() => descriptorsOf(guest).close(fd))),
  fd_datasync: host("i:i", (guest) => (fd: number) => {
    return attempt(() => descriptorsOf(guest).file(fd, "fd_datasync").file.syncData());
  }),
  fd_sync: host("i:i", (guest) => (fd: number) => {
    return attempt(() => descriptorsOf(guest).file(fd, "fd_sync").file.sync());
  }),
  fd_fdstat_get: host("ii:i", (guest, memory) => (fd: number, result: number) => {
    return attempt(() => putFdstat(memory, result, descriptorsOf(guest).get(fd)));
  }),
  fd_fdstat_set_flags: host("ii:i", (guest) => (fd: number, bits: number) => {
    return attempt(() => {
      const open = descriptorsOf(guest).get(fd, "fd_fdstat_set_flags");
      if (open.kind === "directory") throw new Refused("badf");
      const changeable = fdFlags.append | fdFlags.nonblock;
      // What is written through at once is decided by opening it.
      if (((flagsOf(bits, fdFlags) ^ flagsNow(open)) & ~changeable) !== 0) throw new Refused("inval");
      open.flags = bits & changeable;
    });
  }),
  fd_fdstat_set_rights: host("iII:i", (guest) => (fd: number, base: bigint, inheriting: bigint) => {
    return attempt(() => keepRights(descriptorsOf(guest).get(fd), rightsOf(base), rightsOf(inheriting)));
  }),
  fd_filestat_set_size: host("iI:i", (guest) => (fd: number, size: bigint) => {
    return attempt(() => {
      const { file } = descriptorsOf(guest).file(fd, "fd_filestat_set_size");
      if (!file.flags.write) throw new Refused("inval");
      file.setSize(unsigned(size));
    });
  }),
  fd_filestat_set_times: host("iIIi:i", (guest) => (fd: number, accessed: bigint, modified: bigint, flags: number) => {
    return attempt(() => {
      const times = newTimes(accessed, modified, flags);
      const open = descriptorsOf(guest).get(fd, "fd_filestat_set_times");
      if (open.kind !== "file" && open.kind !== "directory") throw new Refused("badf");
      open.file.setTimes(...times);
    });
  }),
  fd_prestat_get: host("ii:i", (guest, memory) => (fd: number, result: number) => {
    return attempt(() => {
      const open = descriptorsOf(guest).get(fd);
      if (open.kind !== "directory" || open.granted === undefined) throw new Refused("badf");
      const at = memory.at(result, 8, 4);
      memory.view.setUint32(at, 0, true);
      memory.view.setUint32(at + 4, Buffer.byteLength(open.granted), true);
    });
  }),
  fd_prestat_dir_name: host("iii:i", (guest, memory) => (fd: number, path: number, size: number) => {
    return attempt(() => {
      const open = descriptorsOf(guest).get(fd);
      if (open.kind !== "directory" || open.granted === undefined) throw new Refused("notdir");
      const name = Buffer.from(open.granted);
      if (name.length > size >>> 0) throw new Refused("nametoolong");
      memory.bytes.set(name, memory.at(path, name.length));
    });
  }),
  fd_renumber: host("ii:i", (guest) => (from: number, to: number) => {
    return attempt(() => descriptorsOf(guest).renumber(from, to));
  }),
  fd_tell: host("ii:i", (guest, memory) => (fd: number, result: number) => {
    return attempt(() => {
      const { position } = descriptorsOf(guest).file(fd, "fd_tell", "spipe");
      memory.view.setBigUint64(memory.at(result, 8, 8), position, true);
    });
  }),
};
