import { FileError, type Descriptor } from "../../files/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { lengthOf } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { answer, putResult } from "../results.ts";
import { descriptorOf } from "./descriptor-functions.ts";
import { wasi2 } from "./dialect.ts";
import { DirectoryEntryStream, FileInput, FileOutput } from "./resources.ts";

/** Bytes that one `read` answers at most. */
const largestRead = 1 << 20;
/** What is read lies here until the guest gets it, in the same call. Greater reads have memory of their own. */
const scratch = Buffer.alloc(64 << 10);

/** The descriptor of a file that allows what a stream is to do. What is wrong with a directory is told as wasmtime does. */
export function fileFor(descriptor: Descriptor, use: "read" | "write"): Descriptor {
  const isDirectory = descriptor.type === "directory";
  if (isDirectory && use === "read") throw new FileError("is-directory");
  if (isDirectory || !descriptor.flags[use]) throw new FileError("bad-descriptor");
  return descriptor;
}

function output(guest: Guest, memory: GuestMemory, handle: number, offset: bigint | undefined, result: number): void {
  const descriptor = descriptorOf(guest, handle);
  answer(
    wasi2,
    memory,
    result,
    "handle",
    () => new FileOutput(fileFor(descriptor, "write"), offset),
    (at, stream) => memory.view.setUint32(at, guest.handles.add(stream), true),
  );
}

/** A list and a bool; a number of bytes. */
const layouts = { read: { size: 16, align: 4, payload: 4 }, size: { size: 16, align: 8, payload: 8 } } as const;

/** Methods of a descriptor that only 0.2 has so. */
export const fileFunctions = {
  "[method]descriptor.read-via-stream": host(
    "iIi",
    (guest, memory) => (handle: number, offset: bigint, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      answer(
        wasi2,
        memory,
        result,
        "handle",
        () => new FileInput(fileFor(descriptor, "read"), BigInt.asUintN(64, offset)),
        (at, stream) => memory.view.setUint32(at, guest.handles.add(stream), true),
      );
    },
  ),
  "[method]descriptor.write-via-stream": host(
    "iIi",
    (guest, memory) => (handle: number, offset: bigint, result: number) =>
      output(guest, memory, handle, BigInt.asUintN(64, offset), result),
  ),
  "[method]descriptor.append-via-stream": host(
    "ii",
    (guest, memory) => (handle: number, result: number) => output(guest, memory, handle, undefined, result),
  ),
  "[method]descriptor.read": host(
    "iIIi",
    (guest, memory) => (handle: number, length: bigint, offset: bigint, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      const most = Math.min(lengthOf(length), largestRead);
      const into = most > scratch.length ? Buffer.allocUnsafe(most) : scratch.subarray(0, most);
      putResult(
        layouts.read,
        wasi2.told,
        memory,
        result,
        () => descriptor.read(into, offset),
        (at, size) => {
          memory.putBytes(at, into.subarray(0, size));
          memory.view.setUint8(at + 8, Number(size === 0));
        },
      );
    },
  ),
  "[method]descriptor.write": host(
    "iiiIi",
    (guest, memory) => (handle: number, pointer: number, size: number, offset: bigint, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      const bytes = memory.slice(pointer, size);
      putResult(
        layouts.size,
        wasi2.told,
        memory,
        result,
        () => descriptor.write(bytes, offset),
        (at, written) => memory.view.setBigUint64(at, BigInt(written), true),
      );
    },
  ),
  "[method]descriptor.read-directory": host("ii", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      wasi2,
      memory,
      result,
      "handle",
      () => new DirectoryEntryStream(descriptor.readDirectory()),
      (at, stream) => memory.view.setUint32(at, guest.handles.add(stream), true),
    );
  }),
  "[method]descriptor.is-same-object": host("ii:i", (guest) => (handle: number, other: number) => {
    return Number(descriptorOf(guest, handle).isSameObject(descriptorOf(guest, other)));
  }),
} satisfies Record<string, Function>;
