import type { Descriptor, OpenHow } from "../../files/index.ts";
import { host, type Function } from "../define.ts";
import { rightsBelow, type Open } from "./descriptors.ts";
import { attempt, Refused } from "./errno.ts";
import { fdFlags, flagsOf, followsOf, openFlags, rightsOf } from "./flags.ts";
import { directoryRights, fileRights, right } from "./rights.ts";
import { newTimes, putStat, type StatLayout } from "./stat.ts";
import { pathOf } from "./texts.ts";
import { descriptorsOf } from "./world.ts";

function howOf(follow: boolean, oflags: number, rights: number, fdflags: number): OpenHow {
  const [read, write] = [(rights & right.fd_read) !== 0, (rights & right.fd_write) !== 0];
  // Rust of 2019 and 2020 asks for no right where it only appends; hosts of that time took that for writing.
  const appends = !read && (fdflags & fdFlags.append) !== 0;
  return {
    follow,
    create: (oflags & openFlags.creat) !== 0,
    directory: (oflags & openFlags.directory) !== 0,
    exclusive: (oflags & openFlags.excl) !== 0,
    truncate: (oflags & openFlags.trunc) !== 0,
    read,
    write: write || appends,
    fileIntegritySync: (fdflags & fdFlags.sync) !== 0,
    dataIntegritySync: (fdflags & fdFlags.dsync) !== 0,
    requestedWriteSync: (fdflags & fdFlags.rsync) !== 0,
  };
}

/** What an opened file may do by the way it was opened; having created it gives no right to write to it. */
function ownRights({ flags }: Descriptor, { write }: OpenHow): number {
  return fileRights & ~(flags.read ? 0 : right.fd_read) & ~(write === true ? 0 : right.fd_write);
}

export function pathFilestatGet(layout: StatLayout): Function {
  return host(
    "iiiii:i",
    (guest, memory) => (fd: number, lookup: number, path: number, size: number, result: number) => {
      return attempt(() => {
        const { file } = descriptorsOf(guest).directory(fd, "path_filestat_get");
        const [name, follow] = [pathOf(memory, path, size), followsOf(lookup)];
        putStat(memory, result, layout, file.statAt(name, follow), file.metadataHashAt(name, follow));
      });
    },
  );
}

export const pathFunctions: Record<string, Function> = {
  path_create_directory: host("iii:i", (guest, memory) => (fd: number, path: number, size: number) => {
    return attempt(() => {
      const { file } = descriptorsOf(guest).directory(fd, "path_create_directory");
      file.createDirectoryAt(pathOf(memory, path, size));
    });
  }),
  path_filestat_set_times: host(
    "iiiiIIi:i",
    (guest, memory) =>
      (fd: number, lookup: number, path: number, size: number, accessed: bigint, modified: bigint, flags: number) =>
        attempt(() => {
          const times = newTimes(accessed, modified, flags);
          const { file } = descriptorsOf(guest).directory(fd, "path_filestat_set_times");
          file.setTimesAt(pathOf(memory, path, size), followsOf(lookup), ...times);
        }),
  ),
  path_link: host(
    "iiiiiii:i",
    (guest, memory) =>
      (fd: number, lookup: number, path: number, size: number, to: number, newPath: number, newSize: number) =>
        attempt(() => {
          const { file } = descriptorsOf(guest).directory(fd, "path_link_source");
          const target = descriptorsOf(guest).directory(to, "path_link_target");
          if (followsOf(lookup)) throw new Refused("inval");
          file.linkAt(pathOf(memory, path, size), target.file, pathOf(memory, newPath, newSize));
        }),
  ),
  path_open: host(
    "iiiiiIIii:i",
    (guest, memory) =>
      (
        fd: number,
        lookup: number,
        path: number,
        size: number,
        oflags: number,
        base: bigint,
        _inheriting: bigint,
        fdflags: number,
        result: number,
      ) =>
        attempt(() => {
          const table = descriptorsOf(guest);
          const at = memory.at(result, 4, 4);
          const parent = table.directory(fd, "path_open");
          const wanted = flagsOf(oflags, openFlags);
          const flags = flagsOf(fdflags, fdFlags) & (fdFlags.append | fdFlags.nonblock);
          const how = howOf(followsOf(lookup), wanted, rightsOf(base), fdflags);
          if (how.create === true) table.directory(fd, "path_create_file");
          const file = parent.file.openAt(pathOf(memory, path, size), how);
          const opened: Open =
            file.type === "directory"
              ? {
                  kind: "directory",
                  file,
                  granted: undefined,
                  entries: undefined,
                  ...rightsBelow(parent, directoryRights),
                  inheriting: parent.inheriting,
                  flags,
                }
              : {
                  kind: "file",
                  file,
                  position: 0n,
                  ...rightsBelow(parent, ownRights(file, how)),
                  inheriting: 0,
                  flags,
                };
          try {
            memory.view.setUint32(at, table.add(opened), true);
          } catch (error) {
            file.close();
            throw error;
          }
        }),
  ),
  path_readlink: host(
    "iiiiii:i",
    (guest, memory) => (fd: number, path: number, size: number, buffer: number, room: number, result: number) =>
      attempt(() => {
        const { file } = descriptorsOf(guest).directory(fd, "path_readlink");
        const target = Buffer.from(file.readlinkAt(pathOf(memory, path, size)));
        const used = Math.min(target.length, room >>> 0);
        memory.bytes.set(target.subarray(0, used), memory.at(buffer, used));
        memory.view.setUint32(memory.at(result, 4, 4), used, true);
      }),
  ),
  path_remove_directory: host("iii:i", (guest, memory) => (fd: number, path: number, size: number) => {
    return attempt(() => {
      const { file } = descriptorsOf(guest).directory(fd, "path_remove_directory");
      file.removeDirectoryAt(pathOf(memory, path, size));
    });
  }),
  path_rename: host(
    "iiiiii:i",
    (guest, memory) => (fd: number, path: number, size: number, to: number, newPath: number, newSize: number) =>
      attempt(() => {
        const { file } = descriptorsOf(guest).directory(fd, "path_rename_source");
        const target = descriptorsOf(guest).directory(to, "path_rename_target");
        file.renameAt(pathOf(memory, path, size), target.file, pathOf(memory, newPath, newSize));
      }),
  ),
  path_symlink: host(
    "iiiii:i",
    (guest, memory) => (target: number, targetSize: number, fd: number, path: number, size: number) =>
      attempt(() => {
        const { file } = descriptorsOf(guest).directory(fd, "path_symlink");
        file.symlinkAt(pathOf(memory, target, targetSize), pathOf(memory, path, size));
      }),
  ),
  path_unlink_file: host("iii:i", (guest, memory) => (fd: number, path: number, size: number) => {
    return attempt(() => {
      const { file } = descriptorsOf(guest).directory(fd, "path_unlink_file");
      file.unlinkFileAt(pathOf(memory, path, size));
    });
  }),
};
