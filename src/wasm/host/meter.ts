/** Checks between two looks at the clock: a look costs as much as some of them. */
const checksBetweenLooks = 8;

/**
 * Time that a guest spends running, in milliseconds. Pauses do not count. It starts by itself at the first check after
 * a pause, so that a guest which does little never looks at the clock.
 */
export class Meter {
  #limit = 0;
  #used = 0;
  /** `performance.now()`; 0 while paused or not looked at yet. */
  #since = 0;
  #checks = 0;

  start(limit: number): void {
    this.#limit = limit;
    this.#used = 0;
    this.#since = 0;
    this.#checks = checksBetweenLooks;
  }

  pause(): void {
    if (this.#since === 0) return;
    this.#used += performance.now() - this.#since;
    this.#since = 0;
  }

  /** Called by the interruption checks. True: the limit is passed. */
  spent(): boolean {
    if (this.#since === 0) {
      this.#since = performance.now();
      return false;
    }
    if (--this.#checks > 0) return false;
    this.#checks = checksBetweenLooks;
    return this.#used + performance.now() - this.#since > this.#limit;
  }
}
