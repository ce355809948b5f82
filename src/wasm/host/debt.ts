/** Bytes of memories and tables that may be left to the garbage collector without a word: most instances are smaller. */
const [forgiven, forgivenFailed] = [4 << 20, 1 << 20];
/** What one MiB beyond that costs, and what it costs where its request failed. Milliseconds. */
const [perMiB, perFailedMiB] = [0.25, 4];
/** One MiB of objects of a request that failed: the engine's heap is collected in full after some 100 MiB, which takes 10 ms and more. */
const perFailedMiBOfObjects = 10;
/**
 * What a millisecond of collecting young objects costs, beyond what the guest was charged for it: what lived through that has to be
 * collected once more among the old ones, which takes the thread at a stretch.
 */
const perCollected = 10;
/** What a collection takes where nearly nothing lives. Milliseconds. */
const briefly = 0.5;
/** What it costs to hold up the thread where the guest could not pause. Milliseconds. */
const perHold = 250;
/**
 * What it costs to have gone on there for longer than everybody may: this for the square of each millisecond, since neighbours that wait a
 * little do not mind, and for where it did not come back. Milliseconds.
 */
const [perHeld, perEndless] = [10, 10_000];
/** What may be owed for that before nobody may any more. Milliseconds. */
const mostHeld = 500;
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
  /** The same of what it owes for holding up the thread and coming back. */
  #freeToHold = 0;

  /**
   * @param bytes of memories and tables that were thrown away. @param objects bytes of the same. @param failed so did their request.
   */
  thrownAway(bytes: number, objects: number, failed: boolean): void {
    if (failed && objects > 0) this.#add(inMiB(objects) * perFailedMiBOfObjects);
    const more = failed ? bytes - forgivenFailed : bytes + objects - forgiven;
    if (more > 0) this.#add(inMiB(more) * (failed ? perFailedMiB : perMiB));
  }

  /** @param milliseconds that the engine took to collect its young objects. */
  collected(milliseconds: number): void {
    if (milliseconds > briefly) this.#add((milliseconds - briefly) * perCollected);
  }

  /** It was ended since it held up the thread. */
  heldUp(): void {
    this.#add(perHold);
    this.#hold(perEndless);
  }

  /** @param milliseconds that it held up the thread for, beyond those that everybody may, and came back. */
  held(milliseconds: number): void {
    this.#hold(milliseconds * milliseconds * perHeld);
  }

  /** It may hold up the thread for longer: languages collect their garbage where they are asked for memory. */
  get mayHold(): boolean {
    return this.#freeToHold === 0 || this.#freeToHold - performance.now() < mostHeld;
  }

  #hold(milliseconds: number): void {
    this.#freeToHold = Math.max(this.#freeToHold, performance.now()) + milliseconds;
  }

  /** So much is owed that the next place has to prove itself before there is another. */
  get isLarge(): boolean {
    return this.#free !== 0 && this.#owed() > some;
  }

  /** So much that there is no new place for now. */
  get isTooLarge(): boolean {
    return this.#owed() > most;
  }

  /** Milliseconds until it is less. */
  get lessIn(): number {
    const owed = this.#owed();
    return Math.max(owed - (owed > most ? most : some), 1);
  }

  #owed(): number {
    return this.#free - performance.now();
  }

  #add(milliseconds: number): void {
    this.#free = Math.max(this.#free, performance.now()) + milliseconds;
  }
}

function inMiB(bytes: number): number {
  return bytes / (1 << 20);
}
