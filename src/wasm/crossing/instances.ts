import { calledOut } from "../host/trap.ts";
import type { CrossingGuest } from "./end.ts";

/** Which components of one guest are in the middle of something: they may not be entered again meanwhile. */
export class Instances {
  readonly #guest: CrossingGuest;
  readonly #busy: boolean[] = [];

  constructor(guest: CrossingGuest) {
    this.#guest = guest;
  }

  /** Answers whether `caller` is to be left too: who was entered by the host is not known to be busy. */
  enter(caller: number, callee: number, name: string): boolean {
    if (this.#guest.nested > 0) throw calledOut(this.#guest);
    if (caller === callee || this.#busy[callee] === true) {
      throw this.#guest.fail("component-trapped", `${name} is called while its component waits for a call of its own`);
    }
    this.#busy[callee] = true;
    if (this.#busy[caller] === true) return false;
    this.#busy[caller] = true;
    return true;
  }

  leave(caller: number, callee: number, both: boolean): void {
    this.#busy[callee] = false;
    if (both) this.#busy[caller] = false;
  }

  /** Nothing of what was under way goes on. */
  reset(): void {
    this.#busy.length = 0;
  }
}
