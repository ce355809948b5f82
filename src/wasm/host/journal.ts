/** Entries that are kept; a guest that asks for more goes on in the way that needs none. */
const mostEntries = 1000;

/**
 * What time, chance and others gave to a guest that was entered plainly. Where it has to begin again it is given the
 * same once more, in the same order, so that its second run goes the way of the first, and nothing is done twice.
 */
export class Journal {
  readonly #entries: unknown[] = [];
  #next = 0;

  /** No more may be written down. */
  get full(): boolean {
    return this.#entries.length >= mostEntries;
  }

  /** What was given in the run before, else what is made now. @param kept it may be asked for again. */
  once<T>(make: () => T, kept: boolean): T {
    if (this.#next < this.#entries.length) return this.#entries[this.#next++] as T;
    const made = make();
    if (kept) {
      this.#entries.push(made);
      this.#next++;
    }
    return made;
  }

  /** The guest begins again. */
  rewind(): void {
    this.#next = 0;
  }
}
