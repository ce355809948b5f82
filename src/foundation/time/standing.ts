/** Milliseconds that one may wait in a queue that stands: more only makes all others late too. */
const target = 350;
/** For so long whoever is next has waited longer: then the queue stands. A burst passes. */
const burst = 500;
/** So many are no queue that stands: a few slow ones are no overload. */
export const few = 2;
/** Who is next has waited so little that it does not stand any more. */
const calm = 200;

/**
 * Tells a queue that stands, since more comes than goes, from a burst (the idea of CoDel, RFC 8289): in one that stands, who waited too
 * long is refused, while the client still listens, and the work goes into answers that somebody waits for.
 */
export class Standing {
  readonly #target: number;
  readonly #calm: number;
  #stands = false;
  /** Since when whoever was next had waited too long. */
  #since: number | undefined;

  /** @param time that a request has from when it came, in milliseconds: who had to wait for most of it would be done too late. */
  constructor(time = Number.POSITIVE_INFINITY) {
    this.#target = Math.min(target, time / 2);
    this.#calm = (this.#target * calm) / target;
  }

  /**
   * One that waited for so long is next. True: it should be refused. Times in milliseconds.
   * @param waiting those that wait, with it.
   */
  isTooLong(waited: number, now: number, waiting: number): boolean {
    if (waited <= this.#target || waiting === 1) {
      this.#since = undefined;
      if (waited < this.#calm) this.#stands = false;
      return false;
    }
    this.#since ??= now;
    if (now - this.#since > burst) this.#stands = true;
    return this.#stands && waiting > few;
  }
}
