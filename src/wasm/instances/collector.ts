import type { Guest } from "../host/guest.ts";
import { threadTime } from "../../foundation/time/clock.ts";

/** The engine's collector: it has no other way to be asked for anything. */
type Collect = (options?: { type: "minor" }) => void;

/**
 * Bytes of objects that guests of this thread make between two collections of young ones. The engine itself waits for 16 MiB, and then
 * stands still for 25 ms where all of them live, small ones in a list: 512 KiB take it 1 ms. Where hardly any live it takes less than
 * half of one, and less often is enough.
 */
const [most, mostOfGarbage] = [512 << 10, 2 << 20];
/** What such a collection takes. Milliseconds. */
const brief = 0.5;

let made = 0;
let next: number = most;

/**
 * Collects young objects often enough that nobody waits for long meanwhile. It is the guest's own time, its turn is over
 * then, and its component owes for what it keeps: that will be collected once more.
 */
export function collectYoung(guest: Guest, bytes: number): void {
  if ((made += bytes) < next) return;
  made = 0;
  const before = threadTime();
  collector()({ type: "minor" });
  const took = threadTime() - before;
  next = took < brief ? mostOfGarbage : most;
  guest.component.debt.collected(took);
  guest.meter.look();
  guest.hasten();
}

/** Collects all that nobody uses any more. */
export function collectAll(): void {
  collector()();
}

let found: Collect | undefined;

function collector(): Collect {
  if (found === undefined) {
    process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
    found = process.getBuiltinModule("node:vm").runInNewContext("gc") as Collect;
  }
  return found;
}
