/** Who may stand in one list: it knows its neighbours there. Fields are the list's. */
export interface Linked<T> {
  ahead: T | undefined;
  behind: T | undefined;
}

/**
 * A list that many enter and leave. A `Set` makes a new table with every few of them, and a table that the collector took for
 * old keeps alive who left it.
 */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first;
  }

  /** At the end. */
  enter(one: T): void {
    one.ahead = this.#last;
    if (this.#last === undefined) this.#first = one;
    else this.#last.behind = one;
    this.#last = one;
    this.#size++;
  }

  /** Nothing where it does not stand there. */
  leave(one: T): void {
    const { ahead, behind } = one;
    if (ahead === undefined && this.#first !== one) return;
    if (ahead === undefined) this.#first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
    one.ahead = one.behind = undefined;
    this.#size--;
  }

  /** From the first on; the one that was given may leave meanwhile, or go to the end. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let one = this.#first, next; one !== undefined; one = next) {
      next = one.behind;
      yield one;
    }
  }
}
