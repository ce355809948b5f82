import { subtaskState } from "../../../async/index.ts";
import type { Descriptor } from "../../../files/index.ts";
import { host, type Function } from "../../define.ts";
import { descriptorOf } from "../../filesystem/file-functions.ts";
import { bitsOf } from "../../filesystem/flags.ts";
import { putHash } from "../../filesystem/values.ts";
import type { Guest } from "../../guest.ts";
import { atOnce } from "../at-once.ts";
import { answer, layouts, newTime, putStat, putType } from "./values.ts";

const advices = 6;

/** A method whose only parameter is the descriptor and which answers nothing. */
function plain(act: (descriptor: Descriptor) => void): Function {
  return atOnce("i", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(memory, result, layouts.small, () => act(descriptor));
  });
}

function isSame(guest: Guest, handle: number, other: number): boolean {
  return descriptorOf(guest, handle).isSameObject(descriptorOf(guest, other));
}

/** Methods of a descriptor on what it stands for itself. */
export const descriptorFunctions = {
  "[method]descriptor.advise": atOnce(
    "iIIb",
    (guest, memory) => (handle: number, offset: bigint, length: bigint, advice: number, result: number) => {
      if (advice >>> 0 >= advices) throw guest.fail("component-trapped", `there is no advice number ${advice}`);
      const descriptor = descriptorOf(guest, handle);
      answer(memory, result, layouts.small, () => descriptor.advise(offset, length));
    },
  ),
  "[method]descriptor.sync-data": plain((descriptor) => descriptor.syncData()),
  "[method]descriptor.sync": plain((descriptor) => descriptor.sync()),
  "[method]descriptor.get-flags": atOnce("i", (guest, memory) => (handle: number, result: number) => {
    const { flags } = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.small,
      () => bitsOf(flags),
      (at, bits) => memory.view.setUint8(at, bits),
    );
  }),
  "[method]descriptor.get-type": atOnce("i", (guest, memory) => (handle: number, result: number) => {
    const { type } = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.small,
      () => type,
      (at, found) => putType(memory, at, found),
    );
  }),
  "[method]descriptor.set-size": atOnce("iI", (guest, memory) => (handle: number, size: bigint, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(memory, result, layouts.small, () => descriptor.setSize(size));
  }),
  "[method]descriptor.set-times": atOnce(
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
        answer(memory, result, layouts.small, () =>
          descriptor.setTimes(newTime(guest, a, aSeconds, aRest), newTime(guest, m, mSeconds, mRest)),
        );
      },
  ),
  "[method]descriptor.stat": atOnce("i", (guest, memory) => (handle: number, result: number) => {
    const descriptor = descriptorOf(guest, handle);
    answer(
      memory,
      result,
      layouts.stat,
      () => descriptor.stat(),
      (at, stat) => putStat(memory, at, stat),
    );
  }),
  "[method]descriptor.is-same-object": {
    ...host("ii:i", (guest) => (handle: number, other: number) => Number(isSame(guest, handle, other))),
    async: host("iii:i", (guest, memory) => (handle: number, other: number, result: number) => {
      memory.view.setUint8(memory.at(result, 1), Number(isSame(guest, handle, other)));
      return subtaskState.returned;
    }),
  },
  "[method]descriptor.metadata-hash": atOnce("i", (guest, memory) => (handle: number, result: number) => {
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
