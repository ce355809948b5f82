import type { Spare } from "../../../foundation/http/queue.ts";

/**
 * A thread's memory for what backends answered and clients have not taken yet, beyond what moves in any case: an answer
 * that fits is read to its end, and the backend is free whether its client reads or not.
 */
export class ReadAhead implements Spare {
  /** Of one answer. Bytes. */
  readonly most = 1024 * 1024;
  #left: number;

  /** @param bytes of all answers together. */
  constructor(bytes = 32 * 1024 * 1024) {
    this.#left = bytes;
  }

  /** For an answer of so many bytes; undefined where reading on would not bring its end. */
  for(length: number | undefined): ReadAhead | undefined {
    return length === undefined || length <= this.most ? this : undefined;
  }

  /** False: there is no room for so many more. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}
