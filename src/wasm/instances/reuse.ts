import type { Logger } from "../../foundation/log/index.ts";

/** Instances that break at their second request before any was seen to answer it, until none is asked for one any more. */
const patience = 2;

/**
 * Whether the instances of a component that are to be reused answer more than one request each. A trial tells in time, mostly
 * (`answersOnce`); of components that answer nothing there, the first requests do.
 */
export class Reuse {
  /** None answers a second one: each request gets a new one. */
  isFutile = false;
  readonly #logger: Logger;
  #isProven = false;
  #broken = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param before how many requests the instance had answered before this one. */
  saw(before: number, hasBroken: boolean): void {
    if (this.#isProven || this.isFutile || before === 0) return;
    if (!hasBroken) this.#isProven = true;
    else if (++this.#broken === patience) {
      this.isFutile = true;
      this.#logger.warn("its instances answer one request each: every request gets a new one from now on", {
        remedy: "Remove isolation: reuse.",
      });
    }
  }
}
