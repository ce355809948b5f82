import { shares } from "../../foundation/time/shares.ts";
import { nextTurn } from "../../foundation/time/turns.ts";
import type { Guest } from "../host/guest.ts";
import { hostLimits } from "../host/limits.ts";
import { verdict } from "../link/hook-code.ts";
import { interruptHook } from "../link/hook.ts";
import type { InterruptHook } from "../link/index.ts";
import { threadRoom } from "../link/habits.ts";
import { grantHeap } from "./heap.ts";
import { thisMachine } from "./machine.ts";
import { Pressure } from "./pressure.ts";

/** The guests of this thread by the numbers that their interruption checks come with. */
const guests: (Guest | undefined)[] = [];
const free: number[] = [];

let pressed: Pressure | undefined;

/** What guests of this thread take of the machine's memory. */
export function pressure(): Pressure {
  return (pressed ??= new Pressure(thisMachine(), guests, () => threadRoom.giveUp()));
}

/** Called from within running guests: it must be quick and must not throw. */
function check(place: number): number {
  if (place < 0) return makes(guests[~place]);
  const guest = guests[place];
  if (guest === undefined || guest.failure !== undefined) return verdict.end;
  switch (guest.meter.read()) {
    case "on":
      return verdict.on;
    case "spent":
      guest.spent();
      return verdict.end;
    case "slice":
      nextTurn(relieve);
      if (guest.mayPause) return verdict.pause;
      // It would hold up its neighbours: it begins again in the way that lets them in between.
      if (guest.entry === "rehearsal" || guest.entry === "event") guest.wasSlow = true;
      if (guest.isHeldAtStart) {
        guest.component.startsSlowly = true;
        if (guest.mayHold()) return verdict.on;
        guest.mustRestart = true;
        guest.fail("component-cpu", `ran for more than ${hostLimits.heldTime} ms while it started`);
        return verdict.end;
      }
      if (guest.nested > 0) {
        if (guest.mayHold()) return verdict.on;
        guest.heldUp = true;
        guest.fail("component-cpu", `ran for more than ${guest.mostHeld} ms where it was asked for memory`);
        return verdict.end;
      }
      if (guest.entry === "event" && !guest.mayHold()) guest.mustRestart = true;
      if (guest.entry !== "plain") return verdict.on;
      guest.cannotWait();
      guest.wasSlow = true;
      return verdict.end;
  }
}

function relieve(): void {
  pressure().relieve();
}

/** What it asks for is not time but room for objects. */
function makes(guest: Guest | undefined): number {
  return guest !== undefined && guest.failure === undefined && grantHeap(guest) ? verdict.on : verdict.end;
}

function pause(place: number): Promise<number> {
  const guest = guests[place]!;
  guest.meter.pause();
  guest.pausing.paused();
  return new Promise((resolve) => {
    const goOn = (): void => {
      if (guest.failure !== undefined) return resolve(verdict.end);
      guest.meter.begin();
      resolve(verdict.on);
    };
    shares.pause(guest.exchange?.context.share, goOn);
  });
}

const hooks: { plain?: InterruptHook; waiting?: InterruptHook } = {};

/** One for all guests of the thread that are entered so: those that are entered plainly never pause. */
export function hookFor(entry: "plain" | "waiting"): InterruptHook {
  return (hooks[entry] ??= entry === "waiting" ? interruptHook(check, pause) : interruptHook(check));
}

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
