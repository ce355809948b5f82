import { monotonic, threadTime } from "../../../foundation/time/clock.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { attempt, Refused } from "./errno.ts";

export const clock = { realtime: 0, monotonic: 1, processTime: 2, threadTime: 3 } as const;

/** Milliseconds that the finer clock may be away from the system's before it is set anew. */
const mostApart = 2;
let origin: number | undefined;

/** Milliseconds since 1970, with fractions: the system's clock, which Node tells in whole ones. */
export function realtime(): number {
  const now = Date.now();
  origin ??= now - monotonic();
  const finer = origin + monotonic();
  if (Math.abs(finer - now) <= mostApart) return finer;
  origin += now - finer;
  return now;
}

/** Nanoseconds from milliseconds, to the microsecond, which is as far as numbers of this size go. */
function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds * 1000)) * 1000n;
}

/** Nanoseconds of a clock. Throws `inval` for a number that is none. */
export function timeOf(guest: Guest, id: number): bigint {
  if (id === clock.realtime) return guest.once(() => nanoseconds(realtime()));
  if (id === clock.monotonic) return guest.once(() => BigInt(Math.floor(monotonic() * 1e6)));
  // Of the thread, which is the program's where it has one for itself.
  if (id === clock.processTime || id === clock.threadTime) return guest.once(() => nanoseconds(threadTime()));
  throw new Refused("inval");
}

export const clockFunctions: Record<string, Function> = {
  clock_res_get: host("ii:i", (_, memory) => (id: number, result: number) => {
    return attempt(() => {
      if (id >>> 0 > clock.threadTime) throw new Refused("inval");
      memory.view.setBigUint64(memory.at(result, 8, 8), 1000n, true);
    });
  }),
  clock_time_get: host("iIi:i", (guest, memory) => (id: number, _precision: bigint, result: number) => {
    return attempt(() => {
      const time = timeOf(guest, id);
      memory.view.setBigUint64(memory.at(result, 8, 8), time, true);
    });
  }),
};
