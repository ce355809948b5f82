import { performance } from "node:perf_hooks";
import { behindWhatIsReady } from "./behind.ts";

/** Clock and timers, for tests. Milliseconds. */
export interface Time {
  now(): number;
  /** Calls back after so long; it must not keep the process alive. */
  later(milliseconds: number, act: () => void): void;
  /** Calls back when what is ready now has been worked off. */
  behind(act: () => void): void;
}

const realTime: Time = {
  now: () => performance.now(),
  later: (milliseconds, act) => void setTimeout(act, milliseconds).unref(),
  behind: behindWhatIsReady,
};

/** How often the delay is looked at while requests come. */
const every = 20;
/** A delay that is no burst any more where it lasts. */
const target = 400;
/** For so long it must last, and so many looks must see it: one long standstill, whatever it was for, is no queue. */
const patience = 500;
const looks = 3;
/** For so long it must be gone. */
const calm = 200;
/**
 * Of each round, what requests may take once there is too much. A refusal costs nearly as much as a small request, and each connection
 * gets one answer a round, so a short round would go into refusals for the most part: this is as long as a client does not mind.
 */
const budget = 350;
/** So many of each round are taken whatever they cost: a few slow ones are no overload. */
const least = 8;

/**
 * Decides whether one thread takes a request. What waits for a thread waits in the kernel, where nobody sees it; but the
 * time until it comes to a message that it sends itself now is how long everything else waits too: a round. A timer does not tell, for
 * libuv looks for one only when it has taken all that is ready, up to 48 times 1,024 connections. Where a round stays above the target for
 * a while, more comes than can be done (the idea of CoDel, RFC 8289: a burst passes, a standing queue does not). Then each
 * round takes what fits into its budget, and the rest is answered with 503 at once, which costs little: who is
 * taken is served in time, and the work goes into answers that somebody still waits for.
 *
 * Nothing runs while no requests come, and in quiet times a request costs one comparison.
 */
export class Admission {
  readonly #time: Time;
  /** A look at the delay is due. */
  #watching = false;
  #requests = 0;
  /** How many looks in a row saw too much delay, and since when. */
  #above = 0;
  #aboveSince: number | undefined;
  /** Since when every look saw little. */
  #belowSince: number | undefined;
  #overloaded = false;
  /** When the current round's first request came. */
  #roundBegan: number | undefined;
  #taken = 0;

  constructor(time: Time = realTime) {
    this.#time = time;
  }

  get overloaded(): boolean {
    return this.#overloaded;
  }

  /** Whether a request that came now is taken. */
  admit(): boolean {
    this.#requests++;
    if (!this.#watching) this.#watch();
    return !this.#overloaded || this.#fits();
  }

  #watch(): void {
    this.#watching = true;
    const began = this.#time.now();
    this.#requests = 0;
    this.#time.behind(() => {
      const now = this.#time.now();
      const delay = now - began;
      this.#look(delay, now);
      // Timers are late where rounds are long.
      if (delay > every) this.#watch();
      else this.#time.later(every, () => this.#again());
    });
  }

  /** Where nothing came meanwhile, the next request begins to watch again. */
  #again(): void {
    if (this.#requests > 0 || this.#overloaded) return this.#watch();
    this.#watching = false;
    this.#forget();
  }

  #forget(): void {
    this.#above = 0;
    this.#aboveSince = undefined;
  }

  #look(delay: number, now: number): void {
    if (delay > target) {
      this.#above++;
      this.#aboveSince ??= now;
    } else this.#forget();
    // Below half of the target the queue is gone; between, what was so stays so.
    if (delay < target / 2) this.#belowSince ??= now;
    else this.#belowSince = undefined;
    const stands = this.#above >= looks && now - (this.#aboveSince ?? now) > patience;
    if (stands) this.#overloaded = true;
    else if (this.#belowSince !== undefined && now - this.#belowSince > calm) this.#overloaded = false;
  }

  #fits(): boolean {
    const now = this.#time.now();
    if (this.#roundBegan === undefined) {
      this.#roundBegan = now;
      this.#taken = 0;
      this.#time.behind(() => (this.#roundBegan = undefined));
    }
    if (this.#taken >= least && now - this.#roundBegan > budget) return false;
    this.#taken++;
    return true;
  }
}
