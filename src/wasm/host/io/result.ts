import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { IoError } from "./resources.ts";

/** `result<_, stream-error>` and `result<list<u8>, stream-error>`: payload at +4, 12 bytes in all. */
export const streamResult = 12;
/** `result<u64, stream-error>`: payload at +8. */
export const sizeResult = 16;

/**
 * Writes a `stream-error` where `payload` begins: the first time what went wrong, afterwards that it is closed.
 * @param at start of the result.
 */
export function putStreamError(
  guest: Guest,
  memory: GuestMemory,
  at: number,
  payload: number,
  stream: { told: boolean },
  failure: unknown,
): void {
  const { view } = memory;
  view.setUint8(at, 1);
  if (failure === undefined || stream.told) {
    view.setUint8(at + payload, 1);
    return;
  }
  stream.told = true;
  view.setUint8(at + payload, 0);
  view.setUint32(at + payload + 4, guest.handles.add(new IoError(failure)), true);
}

/** u64 lengths from guests: more than memory holds is as good as all. */
export function lengthOf(length: bigint): number {
  const unsigned = BigInt.asUintN(64, length);
  return unsigned > 0x7fff_ffffn ? 0x7fff_ffff : Number(unsigned);
}
