import type { Guest } from "../host/index.ts";
import { interruptHook, type InterruptHook } from "../link/index.ts";

/** The guests of this thread by the numbers that their interruption checks come with. */
const guests: (Guest | undefined)[] = [];
const free: number[] = [];

/** Called from within running guests: it must be quick and must not throw. 1 ends the guest. */
function check(place: number): number {
  const guest = guests[place];
  if (guest === undefined || guest.failure !== undefined) return 1;
  if (!guest.meter.spent()) return 0;
  const { cpu } = guest.component.plan.limits;
  guest.fail("component-cpu", `used more than ${cpu} ms of CPU time`);
  return 1;
}

/** One for all guests of the thread. */
export const hook: InterruptHook = interruptHook(check);

/** Makes a guest known to its interruption checks. */
export function enter(guest: Guest): number {
  const place = free.pop() ?? guests.length;
  guests[place] = guest;
  return place;
}

/** The guest is gone for good: its number may be another's. */
export function leave(place: number): void {
  guests[place] = undefined;
  free.push(place);
}
