import { hostLimits } from "../limits.ts";

/**
 * What one request wrote into bodies that nobody has taken yet, all of them together: a guest may have thousands of bodies, and
 * each may hold as much as one that is read.
 */
export class Backlog {
  #bytes = 0;
  /** Bodies that found no room. */
  #waiting: Set<() => void> | undefined;

  /** Bytes that may still be written. */
  get room(): number {
    return Math.max(hostLimits.waitingBytes - this.#bytes, 0);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** So many bytes are there no more: who found no room is told. */
  remove(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#waiting === undefined || this.room === 0) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    // What is written then must not come between a piece that was taken and where it goes.
    queueMicrotask(() => waiting.forEach((told) => told()));
  }

  /** Tells once that there is room again. */
  onRoom(told: () => void): void {
    (this.#waiting ??= new Set()).add(told);
  }
}
