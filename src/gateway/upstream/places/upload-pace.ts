import { performance } from "node:perf_hooks";
import type { BodyStream } from "../../../foundation/http/index.ts";

/** Bytes a second below which a client that sends its request holds a place up, where others wait for one. */
const rate = 4096;
/** Milliseconds that a client may be behind that rate at the beginning, and after any fast start. */
const credit = 250;

/** How a client sends the body of a request for which a place at a backend is taken already. */
export class UploadPace {
  /** When more is due. */
  #due: number;
  #waitingSince: number | undefined;

  constructor(now: number) {
    this.#due = now + credit;
  }

  /** The backend could take more, and nothing is there. */
  waits(now: number): void {
    this.#waitingSince = now;
  }

  /** So many bytes came. */
  took(bytes: number, now: number): void {
    this.#waitingSince = undefined;
    this.#due = Math.min(this.#due + (bytes * 1000) / rate, now + credit);
  }

  /** For so many milliseconds the backend took nothing. */
  paused(milliseconds: number): void {
    this.#due += milliseconds;
  }

  /** Since when only the client holds the request up. Nothing came since, or too little. */
  stalledSince(now: number): number | undefined {
    if (this.#waitingSince === undefined) return undefined;
    return this.#due < now ? Math.min(this.#due, this.#waitingSince) : this.#waitingSince;
  }
}

/** The next piece of a body; how long it takes counts. */
export function pieceOf(body: BodyStream, pace: UploadPace): ReturnType<BodyStream["read"]> {
  const next = body.read();
  if (!(next instanceof Promise)) {
    if (next !== undefined) pace.took(next.length, performance.now());
    return next;
  }
  pace.waits(performance.now());
  return next.then((piece) => {
    pace.took(piece?.length ?? 0, performance.now());
    return piece;
  });
}
