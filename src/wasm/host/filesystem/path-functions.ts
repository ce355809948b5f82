import { FileError, type Descriptor } from "../../files/index.ts";
import type { Function } from "../define.ts";
import { descriptorOf } from "./descriptor-functions.ts";
import { answer } from "../results.ts";
import type { Dialect } from "./dialect.ts";
import { follows, howOf } from "./flags.ts";
import { DescriptorResource } from "./resources.ts";
import { newTime, putHash } from "./values.ts";

/** A method that takes a path and answers nothing. */
function change(dialect: Dialect, act: (directory: Descriptor, path: string) => void): Function {
  return dialect.define("is", (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
    const directory = descriptorOf(guest, handle);
    const path = memory.text(pointer, size);
    answer(dialect, memory, result, "byte", () => act(directory, path));
  });
}

/** Methods of a directory on what lies below it, which all versions have. */
export const pathFunctions = (dialect: Dialect): Record<string, Function> => ({
  "[method]descriptor.create-directory-at": change(dialect, (directory, path) => directory.createDirectoryAt(path)),
  "[method]descriptor.remove-directory-at": change(dialect, (directory, path) => directory.removeDirectoryAt(path)),
  "[method]descriptor.unlink-file-at": change(dialect, (directory, path) => directory.unlinkFileAt(path)),
  "[method]descriptor.stat-at": dialect.define(
    "ibs",
    (guest, memory) => (handle: number, flags: number, pointer: number, size: number, result: number) => {
      const directory = descriptorOf(guest, handle);
      const path = memory.text(pointer, size);
      answer(
        dialect,
        memory,
        result,
        "stat",
        () => directory.statAt(path, follows(flags)),
        (at, stat) => dialect.putStat(memory, at, stat),
      );
    },
  ),
  "[method]descriptor.metadata-hash-at": dialect.define(
    "ibs",
    (guest, memory) => (handle: number, flags: number, pointer: number, size: number, result: number) => {
      const directory = descriptorOf(guest, handle);
      const path = memory.text(pointer, size);
      answer(
        dialect,
        memory,
        result,
        "hash",
        () => directory.metadataHashAt(path, follows(flags)),
        (at, hash) => putHash(memory, at, hash),
      );
    },
  ),
  "[method]descriptor.set-times-at": dialect.define(
    "ibstt",
    (guest, memory) =>
      (
        handle: number,
        flags: number,
        pointer: number,
        size: number,
        a: number,
        aSeconds: bigint,
        aRest: number,
        m: number,
        mSeconds: bigint,
        mRest: number,
        result: number,
      ) => {
        const directory = descriptorOf(guest, handle);
        const path = memory.text(pointer, size);
        answer(dialect, memory, result, "byte", () => {
          const accessed = newTime(guest, a, dialect.seconds(aSeconds), aRest);
          const modified = newTime(guest, m, dialect.seconds(mSeconds), mRest);
          directory.setTimesAt(path, follows(flags), accessed, modified);
        });
      },
  ),
  "[method]descriptor.open-at": dialect.define(
    "ibsbb",
    (guest, memory) =>
      (handle: number, path: number, pointer: number, size: number, open: number, flags: number, result: number) => {
        const directory = descriptorOf(guest, handle);
        const name = memory.text(pointer, size);
        answer(
          dialect,
          memory,
          result,
          "handle",
          () => directory.openAt(name, howOf(path, open, flags)),
          (at, opened) => memory.view.setUint32(at, guest.handles.add(new DescriptorResource(opened)), true),
        );
      },
  ),
  "[method]descriptor.readlink-at": dialect.define(
    "is",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const directory = descriptorOf(guest, handle);
      const path = memory.text(pointer, size);
      answer(
        dialect,
        memory,
        result,
        "text",
        () => directory.readlinkAt(path),
        (at, target) => memory.putText(at, target),
      );
    },
  ),
  "[method]descriptor.symlink-at": dialect.define(
    "iss",
    (guest, memory) =>
      (handle: number, pointer: number, size: number, newPointer: number, newSize: number, result: number) => {
        const directory = descriptorOf(guest, handle);
        const target = memory.text(pointer, size);
        const path = memory.text(newPointer, newSize);
        answer(dialect, memory, result, "byte", () => directory.symlinkAt(target, path));
      },
  ),
  "[method]descriptor.link-at": dialect.define(
    "ibsis",
    (guest, memory) =>
      (
        handle: number,
        flags: number,
        pointer: number,
        size: number,
        other: number,
        newPointer: number,
        newSize: number,
        result: number,
      ) => {
        const directory = descriptorOf(guest, handle);
        const to = descriptorOf(guest, other);
        const path = memory.text(pointer, size);
        const newPath = memory.text(newPointer, newSize);
        answer(dialect, memory, result, "byte", () => {
          if (follows(flags)) throw new FileError("invalid", "names are given to links, not to what they lead to");
          directory.linkAt(path, to, newPath);
        });
      },
  ),
  "[method]descriptor.rename-at": dialect.define(
    "isis",
    (guest, memory) =>
      (
        handle: number,
        pointer: number,
        size: number,
        other: number,
        newPointer: number,
        newSize: number,
        result: number,
      ) => {
        const directory = descriptorOf(guest, handle);
        const to = descriptorOf(guest, other);
        const path = memory.text(pointer, size);
        const newPath = memory.text(newPointer, newSize);
        answer(dialect, memory, result, "byte", () => directory.renameAt(path, to, newPath));
      },
  ),
});
