import type { RetryBudgetPlan } from "../../model/plan/index.ts";

/** Counts of the current span of time and of the one before: together a window that slides. */
class Window {
  readonly #span: number;
  #began = 0;
  #now = 0;
  #before = 0;

  /** @param span milliseconds. */
  constructor(span: number) {
    this.#span = span;
  }

  add(now: number): void {
    this.#move(now);
    this.#now++;
  }

  count(now: number): number {
    this.#move(now);
    return this.#now + this.#before * (1 - (now - this.#began) / this.#span);
  }

  #move(now: number): void {
    const spans = Math.floor((now - this.#began) / this.#span);
    if (spans < 1) return;
    this.#before = spans === 1 ? this.#now : 0;
    this.#now = 0;
    this.#began += spans * this.#span;
  }
}

/**
 * How many retries a Service may get: a share of the requests of a time, and a few always (GEP-3388). Each worker
 * keeps to the share for its own requests, and to its part of the few.
 */
export class RetryBudget {
  readonly #percent: number;
  readonly #least: number;
  readonly #requests: Window;
  readonly #retries: Window;
  readonly #recent: Window;

  constructor({ percent, interval, least }: RetryBudgetPlan, workers = 1) {
    this.#percent = percent;
    this.#least = Math.max(1, Math.floor(least.count / workers));
    this.#requests = new Window(interval);
    this.#retries = new Window(interval);
    this.#recent = new Window(least.interval);
  }

  /** A request goes out, for the first time or again. @param now milliseconds. */
  sent(now: number): void {
    this.#requests.add(now);
  }

  /** Takes a retry out of the budget. */
  take(now: number): boolean {
    const allowed =
      this.#recent.count(now) < this.#least ||
      (this.#retries.count(now) + 1) * 100 <= this.#requests.count(now) * this.#percent;
    if (!allowed) return false;
    this.#recent.add(now);
    this.#retries.add(now);
    return true;
  }
}
