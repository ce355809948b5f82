import { monotonic, threadTime } from "../../foundation/time/clock.ts";

/**
 * Checks between two looks at the clock: a look costs as much as some of them. A guest whose checks are far apart, since
 * what it does is slow, is looked at each time.
 */
const checksBetweenLooks = 2;
/** Milliseconds between two looks that are few, and that are many. */
const [often, seldom] = [0.1, 0.3];

/** Milliseconds that a guest runs before others on its thread get their turn. */
const slice = 1;

/** So often a guest may go on after it waited before what it does each time counts, however little that is. */
const fewTurns = 64;

/** Of a limit so much counts as it passed, and no more than a slice: whoever does little is not asked for CPU time at all. */
const untold = 1 / 20;

/** What stands for CPU time at the beginning where that was not asked for. */
const asPassed = -1;

/** What a look at the clock says: go on, let others run, or the limit is passed. */
export type Reading = "on" | "slice" | "spent";

/**
 * CPU time of a guest, in milliseconds. Pauses do not count, nor what other programs took of the core meanwhile. It
 * starts by itself at the first check after a pause, so that a guest which does little never looks at a clock.
 */
export class Meter {
  #limit = 0;
  /** Time that passed while it ran, which costs a twentieth of CPU time to ask for. */
  #passed = 0;
  #used = 0;
  /** `monotonic()`; 0 while paused or not looked at yet. */
  #since = 0;
  /** Not before then can it be spent, by the same clock: CPU time is never more than what passes. */
  #soonest = 0;
  /** Negative: what passes counts. */
  #usedBefore = asPassed;
  /** So much of what passes counts as CPU time, as long as that is not asked for. */
  #untold = 0;
  #checks = 0;
  #between = 1;
  #looked = 0;
  #turns = 0;

  start(limit: number): void {
    this.#limit = limit;
    this.#untold = Math.min(limit * untold, slice);
    this.#passed = 0;
    this.#used = 0;
    this.#since = 0;
    this.#turns = 0;
    this.#checks = this.#between = 1;
  }

  /** Milliseconds that passed while it ran, up to its last pause. */
  get passed(): number {
    return this.#passed;
  }

  /** What it does counts now. */
  get isRunning(): boolean {
    return this.#since !== 0;
  }

  /** The next check looks at the clock. */
  look(): void {
    this.#checks = 1;
  }

  /** The guest goes on. One that does so again and again may never come to a check: its turns count from their beginning then. */
  resumed(): void {
    if (++this.#turns > fewTurns && this.#since === 0) this.begin();
  }

  /** More was used than the limit, without a check that would have said so. */
  get isSpent(): boolean {
    return this.#used > this.#limit;
  }

  /** The host worked for it, while it did not run itself. */
  took(milliseconds: number): void {
    this.#passed += milliseconds;
    this.#used += milliseconds;
    this.#soonest -= milliseconds;
  }

  /**
   * What it does counts from now on. Who goes on after a slice is none that does little, and its next check may be a tenth of one
   * away.
   */
  begin(): void {
    this.#since = this.#looked = monotonic();
    this.#soonest = this.#since + this.#limit - this.#used;
    this.#usedBefore = this.#passed < this.#untold ? asPassed : threadTime();
  }

  pause(): void {
    if (this.#since === 0) return;
    const passed = monotonic() - this.#since;
    this.#used += this.#usedSince(passed);
    this.#passed += passed;
    this.#since = 0;
  }

  /** @param passed since it last went on. */
  #usedSince(passed: number): number {
    if (this.#usedBefore === asPassed) return Math.min(passed, Math.max(this.#untold - this.#passed, 0));
    return threadTime() - this.#usedBefore;
  }

  /** Called by the interruption checks. */
  read(): Reading {
    if (this.#since === 0) {
      this.begin();
      return "on";
    }
    if (--this.#checks > 0) return "on";
    const now = monotonic();
    const passed = now - this.#looked;
    this.#looked = now;
    if (passed > seldom) this.#between = 1;
    else if (passed < often && this.#between < checksBetweenLooks) this.#between *= 2;
    this.#checks = this.#between;
    const running = now - this.#since;
    if (this.#usedBefore === asPassed && this.#passed + running > this.#untold) {
      this.#used += this.#usedSince(running);
      this.#usedBefore = threadTime();
    }
    if (now > this.#soonest) {
      const left = this.#limit - this.#used - this.#usedSince(running);
      if (left < 0) return "spent";
      this.#soonest = now + left;
    }
    return running > slice ? "slice" : "on";
  }
}
