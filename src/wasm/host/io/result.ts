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

const long = new BigInt64Array(1);
/** The same in halves, lower first: what V8 does with a bigint itself takes a call of its runtime each. */
const halves = new Int32Array(long.buffer);

/** u64 lengths from guests: more than memory holds is as good as all. */
export function lengthOf(length: bigint): number {
  long[0] = length;
  const low = halves[0]!;
  return halves[1] === 0 && low >= 0 ? low : 0x7fff_ffff;
}

/** Writes a u64 that is a length: below 2^53. */
export function putLength(memory: GuestMemory, at: number, length: number): void {
  const { view } = memory;
  view.setUint32(at, length >>> 0, true);
  view.setUint32(at + 4, length <= 0xffff_ffff ? 0 : length / 0x1_0000_0000, true);
}
