import type { Descriptor } from "../../files/index.ts";
import { FileError } from "../../files/index.ts";
import { host, type Function } from "../define.ts";
import { descriptorOf } from "./file-functions.ts";
import { follows, howOf } from "./flags.ts";
import { DescriptorResource } from "./resources.ts";
import { answer, layouts } from "./result.ts";
import { newTime, putHash, putStat } from "./values.ts";

/** A method that takes a path and answers nothing. */
function change(act: (directory: Descriptor, path: string) => void): Function {
  return host("iiii", (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
    const directory = descriptorOf(guest, handle);
    const path = memory.text(pointer, size);
    answer(memory, result, layouts.byte, () => act(directory, path));
  });
}

/** Methods of a directory on what lies below it. */
export const pathFunctions = {
  "[method]descriptor.create-directory-at": change((directory, path) => directory.createDirectoryAt(path)),
  "[method]descriptor.remove-directory-at": change((directory, path) => directory.removeDirectoryAt(path)),
  "[method]descriptor.unlink-file-at": change((directory, path) => directory.unlinkFileAt(path)),
  "[method]descriptor.stat-at": host(
    "iiiii",
    (guest, memory) => (handle: number, flags: number, pointer: number, size: number, result: number) => {
      const directory = descriptorOf(guest, handle);
      const path = memory.text(pointer, size);
      answer(
        memory,
        result,
        layouts.stat,
        () => directory.statAt(path, follows(flags)),
        (at, stat) => putStat(memory, at, stat),
      );
    },
  ),
  "[method]descriptor.metadata-hash-at": host(
    "iiiii",
    (guest, memory) => (handle: number, flags: number, pointer: number, size: number, result: number) => {
      const directory = descriptorOf(guest, handle);
      const path = memory.text(pointer, size);
      answer(
        memory,
        result,
        layouts.hash,
        () => directory.metadataHashAt(path, follows(flags)),
        (at, hash) => putHash(memory, at, hash),
      );
    },
  ),
  "[method]descriptor.set-times-at": host(
    "iiiiiIiiIii",
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
        answer(memory, result, layouts.byte, () => {
          const [accessed, modified] = [newTime(guest, a, aSeconds, aRest), newTime(guest, m, mSeconds, mRest)];
          directory.setTimesAt(path, follows(flags), accessed, modified);
        });
      },
  ),
  "[method]descriptor.open-at": host(
    "iiiiiii",
    (guest, memory) =>
      (handle: number, path: number, pointer: number, size: number, open: number, flags: number, result: number) => {
        const directory = descriptorOf(guest, handle);
        const name = memory.text(pointer, size);
        answer(
          memory,
          result,
          layouts.handle,
          () => directory.openAt(name, howOf(path, open, flags)),
          (at, opened) => memory.view.setUint32(at, guest.handles.add(new DescriptorResource(opened)), true),
        );
      },
  ),
  "[method]descriptor.readlink-at": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const directory = descriptorOf(guest, handle);
      const path = memory.text(pointer, size);
      answer(
        memory,
        result,
        layouts.text,
        () => directory.readlinkAt(path),
        (at, target) => memory.putText(at, target),
      );
    },
  ),
  "[method]descriptor.symlink-at": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, pointer: number, size: number, newPointer: number, newSize: number, result: number) => {
        const directory = descriptorOf(guest, handle);
        const target = memory.text(pointer, size);
        const path = memory.text(newPointer, newSize);
        answer(memory, result, layouts.byte, () => directory.symlinkAt(target, path));
      },
  ),
  "[method]descriptor.link-at": host(
    "iiiiiiii",
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
        answer(memory, result, layouts.byte, () => {
          if (follows(flags)) throw new FileError("invalid", "names are given to links, not to what they lead to");
          directory.linkAt(path, to, newPath);
        });
      },
  ),
  "[method]descriptor.rename-at": host(
    "iiiiiii",
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
        answer(memory, result, layouts.byte, () => directory.renameAt(path, to, newPath));
      },
  ),
} satisfies Record<string, Function>;
