import type { Descriptor } from "../../files/index.ts";
import type { Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { answer, type Dialect } from "./dialect.ts";
import { bitsOf } from "./flags.ts";
import type { DescriptorResource } from "./resources.ts";
import { newTime, putHash } from "./values.ts";

const advices = 6;

export function descriptorOf(guest: Guest, handle: number): Descriptor {
  return guest.handles.get<DescriptorResource>(handle, "descriptor").descriptor;
}

/** A method whose only parameter is the descriptor and which answers nothing. */
function plain(dialect: Dialect, act: (descriptor: Descriptor) => void): Function {
  return dialect.define("i", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(dialect, memory, result, "byte", () => act(descriptor));
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
  "[method]descriptor.sync-data": plain(dialect, (descriptor) => descriptor.syncData()),
  "[method]descriptor.sync": plain(dialect, (descriptor) => descriptor.sync()),
  "[method]descriptor.get-flags": dialect.define("i", (guest, memory) => (handle: number, result: number) => {
    const { flags } = descriptorOf(guest, handle);
    answer(
      dialect,
      memory,
      result,
      "byte",
      () => bitsOf(flags),
      (at, bits) => memory.view.setUint8(at, bits),
    );
  }),
  "[method]descriptor.get-type": dialect.define("i", (guest, memory) => (handle: number, result: number) => {
    const { type } = descriptorOf(guest, handle);
    answer(
      dialect,
      memory,
      result,
      "byte",
      () => type,
      (at, found) => dialect.putType(memory, at, found),
    );
  }),
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
  "[method]descriptor.stat": dialect.define("i", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      dialect,
      memory,
      result,
      "stat",
      () => descriptor.stat(),
      (at, stat) => dialect.putStat(memory, at, stat),
    );
  }),
  "[method]descriptor.metadata-hash": dialect.define("i", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      dialect,
      memory,
      result,
      "hash",
      () => descriptor.metadataHash(),
      (at, hash) => putHash(memory, at, hash),
    );
  }),
});
