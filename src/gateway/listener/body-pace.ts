import { BandstandError } from "../../foundation/errors/index.ts";

/** How much longer than now what came before may last, in milliseconds: nobody gathers hours by one fast start. */
const mostCredit = 60_000;

/**
 * Whether the body of a request comes fast enough on average: within a grace, and longer by the time that its bytes
 * take at the slowest rate. Times in which we do not read are not the client's. All times are `performance.now()`.
 */
export class BodyPace {
  /** Bytes a second. */
  readonly rate: number;
  /** When it is too slow, unless more comes. */
  end: number;
  #pausedAt: number | undefined;

  /** @param rate bytes a second, above 0. @param grace milliseconds. */
  constructor(rate: number, grace: number, now: number) {
    this.rate = rate;
    this.end = now + grace;
  }

  /** So many bytes came. */
  took(bytes: number, now: number): void {
    // Never less than it was: the grace may be longer than what can be gathered.
    this.end = Math.max(this.end, Math.min(this.end + (bytes * 1000) / this.rate, now + mostCredit));
  }

  /** We read no more for now. */
  pause(now: number): void {
    this.#pausedAt ??= now;
  }

  /** We read on. Nothing where we did not pause. */
  resume(now: number): void {
    if (this.#pausedAt === undefined) return;
    this.end += now - this.#pausedAt;
    this.#pausedAt = undefined;
  }
}

/** @param missedRate bytes a second that did not come; undefined: nothing came at all, or was taken. */
export function tooSlow(missedRate: number | undefined): BandstandError {
  if (missedRate === undefined) {
    return new BandstandError("request-too-slow", "the client sent or took nothing for too long");
  }
  return new BandstandError(
    "request-too-slow",
    `the client sent the body of its request at less than ${missedRate} bytes a second`,
  );
}
