import type { BandstandError } from "../../foundation/errors/index.ts";
import type { OutlierPlan } from "../../model/plan/index.ts";

/** After a failed connection an endpoint is left out for so long. Milliseconds. */
const avoidance = 2000;

/** What is known of one endpoint's health, from requests and from checks. Times by `performance.now()`. */
export class Health {
  /** Until then it is left out, where others are there. */
  avoidUntil = 0;
  /** What active checks say; true where there are none. */
  checked = true;
  readonly #outliers: OutlierPlan | undefined;
  /** Errors in a row. */
  #errors = 0;
  #ejections = 0;
  #ejectedUntil = 0;

  /** @param outliers without them only connections that fail count. */
  constructor(outliers?: OutlierPlan) {
    this.#outliers = outliers;
  }

  available(now: number): boolean {
    return this.checked && this.avoidUntil <= now && this.#ejectedUntil <= now;
  }

  ejected(now: number): boolean {
    return this.#ejectedUntil > now;
  }

  /** Nothing changes with an answer of this status. */
  indifferent(status: number): boolean {
    return status < 500 && this.#errors === 0 && this.#ejections === 0;
  }

  /** An answer came. @param mayEject asks for leave to eject. True: it is ejected now. */
  answered(status: number, now: number, mayEject: () => boolean): boolean {
    if (this.#outliers === undefined) return false;
    if (status >= 500) return this.#error(this.#outliers, now, mayEject);
    this.#errors = 0;
    // One ejection less for each time it was back for as long as it had been away.
    if (this.#ejections > 0 && now - this.#ejectedUntil > this.#time(this.#outliers)) this.#ejections--;
    return false;
  }

  /** No answer came that could be passed on. True: it is ejected now. */
  failed(code: BandstandError["code"] | undefined, now: number, mayEject: () => boolean): boolean {
    if (code === "backend-unreachable") this.avoidUntil = now + avoidance;
    if (this.#outliers === undefined || code === undefined || !faults.has(code)) return false;
    return this.#error(this.#outliers, now, mayEject);
  }

  #error(outliers: OutlierPlan, now: number, mayEject: () => boolean): boolean {
    if (++this.#errors < outliers.consecutiveErrors || this.ejected(now) || !mayEject()) return false;
    this.#errors = 0;
    this.#ejections++;
    this.#ejectedUntil = now + this.#time(outliers);
    return true;
  }

  #time({ baseEjectionTime, maxEjectionTime }: OutlierPlan): number {
    return Math.min(baseEjectionTime * this.#ejections, Math.max(baseEjectionTime, maxEjectionTime));
  }
}

/** Errors that are the endpoint's own doing. */
const faults: ReadonlySet<BandstandError["code"]> = new Set([
  "backend-unreachable",
  "backend-reset",
  "backend-broken",
  "backend-timeout",
]);
