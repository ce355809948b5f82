import type { Descriptor } from "../../files/index.ts";
import type { Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { answer } from "../results.ts";
import type { Dialect } from "./dialect.ts";
import { bitsOf } from "./flags.ts";
import type { DescriptorResource } from "./resources.ts";
import { newTime, putHash } from "./values.ts";

const advices = 6;

export function descriptorOf(guest: Guest, handle: number): Descriptor {
  return guest.handles.get<DescriptorResource>(handle, "descriptor").descriptor;
}

/** A method whose only parameter is the descriptor. @param put writes what it answers. */
function plain<T>(
  dialect: Dialect,
  holds: keyof Dialect["layouts"],
  act: (descriptor: Descriptor) => T,
  put?: (memory: GuestMemory, at: number, value: T) => void,
): Function {
  return dialect.define("i", (guest, memory) => {
    const putHere = put && ((at: number, value: T): void => put(memory, at, value));
    return (handle: number, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      answer(dialect, memory, result, holds, () => act(descriptor), putHere);
    };
  });
}

/** Methods of a descriptor on what it stands for itself, which all versions have. */
export const descriptorFunctions = (dialect: Dialect): Record<string, Function> => ({
  "[method]descriptor.advise": dialect.define(
    "iIIb",
    (guest, memory) => (handle: number, offset: bigint, length: bigint, advice: number, result: number) => {
      if (advice >>> 0 >= advices) throw guest.fail("component-trapped", `there is no advice number ${advice}`);
      const descriptor = descriptorOf(guest, handle);
      answer(dialect, memory, result, "byte", () => descriptor.advise(offset, length));
    },
  ),
  "[method]descriptor.sync-data": plain(dialect, "byte", (descriptor) => descriptor.syncData()),
  "[method]descriptor.sync": plain(dialect, "byte", (descriptor) => descriptor.sync()),
  "[method]descriptor.get-flags": plain(
    dialect,
    "byte",
    ({ flags }) => bitsOf(flags),
    ({ view }, at, bits) => view.setUint8(at, bits),
  ),
  "[method]descriptor.get-type": plain(dialect, "byte", ({ type }) => type, dialect.putType),
  "[method]descriptor.set-size": dialect.define(
    "iI",
    (guest, memory) => (handle: number, size: bigint, result: number) => {
      const descriptor = descriptorOf(guest, handle);
      answer(dialect, memory, result, "byte", () => descriptor.setSize(size));
    },
  ),
  "[method]descriptor.set-times": dialect.define(
    "itt",
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
        answer(dialect, memory, result, "byte", () =>
          descriptor.setTimes(
            newTime(guest, a, dialect.seconds(aSeconds), aRest),
            newTime(guest, m, dialect.seconds(mSeconds), mRest),
          ),
        );
      },
  ),
  "[method]descriptor.stat": plain(dialect, "stat", (descriptor) => descriptor.stat(), dialect.putStat),
  "[method]descriptor.metadata-hash": plain(dialect, "hash", (descriptor) => descriptor.metadataHash(), putHash),
});
