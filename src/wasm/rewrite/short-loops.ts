import type { Trace } from "./scan.ts";
import { event } from "./scan.ts";

/**
 * A check costs a short loop as much as what it does: so the body of a tight loop of so many bytes at most stands there
 * several times for one check. Longer ones win little by it. And many loops end after a round or two: so it stands there
 * before the loop as well, where what is around the loop counts for it.
 */
const short = 96;
const ofShort: Copies = { before: 1, within: 3 };
/** As it stands in the original. */
export const once: Copies = { before: 0, within: 1 };

/** How often the body of a loop is written, before the loop and in it. */
export interface Copies {
  before: number;
  within: number;
}

/** By loop, in the order of their headers. */
export function copiesOfLoops({ tight, events }: Trace): Copies[] {
  const copies: Copies[] = [];
  const open: { loop: number; from: number }[] = [];
  for (let i = 0; i < events.length; i += 2) {
    const at = events[i + 1]!;
    if (events[i] === event.loop) open.push({ loop: copies.push(once) - 1, from: at });
    else if (events[i] === event.loopEnd) {
      const { loop, from } = open.pop()!;
      if (tight[loop]! && at - from <= short) copies[loop] = ofShort;
    }
  }
  return copies;
}
