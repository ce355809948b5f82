/** Bytes of memories and tables that may be left to the garbage collector without a word: most instances are smaller. */
const [forgiven, forgivenFailed] = [4 << 20, 1 << 20];
/** What one MiB beyond that costs, and what it costs where its request failed. Milliseconds. */
const [perMiB, perFailedMiB] = [0.25, 4];
/** What it costs to hold up the thread where the guest could not pause. Milliseconds. */
const perHold = 250;
/** Debt at which no new place is made, and at which one at a time is. Milliseconds. */
const [most, some] = [1000, 500];

/**
 * What a component owes to its neighbours on the thread. A guest that was ended in the midst of all its memory costs the
 * garbage collector more than the guest was charged for, and each collection holds up everybody. So a component that
 * makes it a habit waits for its next places: places at hand are used as ever. Debt passes with time.
 */
export class Debt {
  /** `performance.now()` when nothing will be owed any more. */
  #free = 0;

  /** @param bytes of memories and tables that were thrown away. @param failed so did their request. */
  thrownAway(bytes: number, failed: boolean): void {
    const more = Math.max(bytes - (failed ? forgivenFailed : forgiven), 0) / (1 << 20);
    if (more > 0) this.#add(more * (failed ? perFailedMiB : perMiB));
  }

  heldUp(): void {
    this.#add(perHold);
  }

  /** So much is owed that the next place has to prove itself before there is another. */
  get isLarge(): boolean {
    return this.#free !== 0 && this.#owed > some;
  }

  /** So much that there is no new place for now. */
  get isTooLarge(): boolean {
    return this.#owed > most;
  }

  /** Milliseconds until it is less. */
  get lessIn(): number {
    const owed = this.#owed;
    return Math.max(owed - (owed > most ? most : some), 1);
  }

  get #owed(): number {
    return this.#free - performance.now();
  }

  #add(milliseconds: number): void {
    this.#free = Math.max(this.#free, performance.now()) + milliseconds;
  }
}
