import { FileError, type Descriptor } from "../../files/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { lengthOf } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { bitsOf } from "./flags.ts";
import { DirectoryEntryStream, FileInput, FileOutput, type DescriptorResource } from "./resources.ts";
import { answer, layouts } from "./result.ts";
import { newTime, numberOfType, putHash, putStat } from "./values.ts";

/** Bytes that one `read` answers at most. */
const largestRead = 1 << 20;
/** What is read lies here until the guest gets it, in the same call. Greater reads have memory of their own. */
const scratch = Buffer.alloc(64 << 10);
const advices = 6;

export function descriptorOf(guest: Guest, handle: number): Descriptor {
  return guest.handles.get<DescriptorResource>(handle, "descriptor").descriptor;
}

/** A method whose only parameter is the descriptor and which answers nothing. */
function plain(act: (descriptor: Descriptor) => void): Function {
  return host("ii", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(memory, result, layouts.byte, () => act(descriptor));
  });
}

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
    memory,
    result,
    layouts.handle,
    () => new FileOutput(fileFor(descriptor, "write"), offset),
    (at, stream) => memory.view.setUint32(at, guest.handles.add(stream), true),
  );
}

/** Methods of a descriptor on what it stands for itself. */
export const fileFunctions = {
  "[method]descriptor.read-via-stream": host(
    "iIi",
    (guest, memory) => (handle: number, offset: bigint, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      answer(
        memory,
        result,
        layouts.handle,
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
  "[method]descriptor.advise": host(
    "iIIii",
    (guest, memory) => (handle: number, offset: bigint, length: bigint, advice: number, result: number) => {
      if (advice >>> 0 >= advices) throw guest.fail("component-trapped", `there is no advice number ${advice}`);
      const descriptor = descriptorOf(guest, handle);
      answer(memory, result, layouts.byte, () => descriptor.advise(offset, length));
    },
  ),
  "[method]descriptor.sync-data": plain((descriptor) => descriptor.syncData()),
  "[method]descriptor.sync": plain((descriptor) => descriptor.sync()),
  "[method]descriptor.get-flags": host("ii", (guest, memory) => (handle: number, result: number) => {
    const { flags } = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.byte,
      () => bitsOf(flags),
      (at, bits) => memory.view.setUint8(at, bits),
    );
  }),
  "[method]descriptor.get-type": host("ii", (guest, memory) => (handle: number, result: number) => {
    const { type } = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.byte,
      () => numberOfType(type),
      (at, number) => memory.view.setUint8(at, number),
    );
  }),
  "[method]descriptor.set-size": host("iIi", (guest, memory) => (handle: number, size: bigint, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(memory, result, layouts.byte, () => descriptor.setSize(size));
  }),
  "[method]descriptor.set-times": host(
    "iiIiiIii",
    (guest, memory) =>
      (
        handle: number,
        a: number,
        aSeconds: bigint,
        aRest: number,
        m: number,
        mSeconds: bigint,
        mRest: number,
        result: number,
      ) => {
        const descriptor = descriptorOf(guest, handle);
        answer(memory, result, layouts.byte, () =>
          descriptor.setTimes(newTime(guest, a, aSeconds, aRest), newTime(guest, m, mSeconds, mRest)),
        );
      },
  ),
  "[method]descriptor.read": host(
    "iIIi",
    (guest, memory) => (handle: number, length: bigint, offset: bigint, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      const most = Math.min(lengthOf(length), largestRead);
      const into = most > scratch.length ? Buffer.allocUnsafe(most) : scratch.subarray(0, most);
      answer(
        memory,
        result,
        layouts.read,
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
      answer(
        memory,
        result,
        layouts.size,
        () => descriptor.write(bytes, offset),
        (at, written) => memory.view.setBigUint64(at, BigInt(written), true),
      );
    },
  ),
  "[method]descriptor.read-directory": host("ii", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.handle,
      () => new DirectoryEntryStream(descriptor.readDirectory()),
      (at, stream) => memory.view.setUint32(at, guest.handles.add(stream), true),
    );
  }),
  "[method]descriptor.stat": host("ii", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.stat,
      () => descriptor.stat(),
      (at, stat) => putStat(memory, at, stat),
    );
  }),
  "[method]descriptor.is-same-object": host("ii:i", (guest) => (handle: number, other: number) => {
    return Number(descriptorOf(guest, handle).isSameObject(descriptorOf(guest, other)));
  }),
  "[method]descriptor.metadata-hash": host("ii", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.hash,
      () => descriptor.metadataHash(),
      (at, hash) => putHash(memory, at, hash),
    );
  }),
} satisfies Record<string, Function>;
