/**
 * Who is there, where many come and go, in no order. A `Set` of V8's that lives long keeps those that left it until old objects
 * are collected: it moves on to a new table every so many of them, and each table that grew old holds the next one.
 */
export class Crew<T> {
  readonly #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  add(one: T): void {
    this.#all.push(one);
  }

  /** Nothing where it is not there. */
  delete(one: T): void {
    const at = this.#all.indexOf(one);
    if (at < 0) return;
    const last = this.#all.pop()!;
    if (at < this.#all.length) this.#all[at] = last;
  }

  some(test: (one: T) => boolean): boolean {
    return this.#all.some(test);
  }

  /** All of now, whoever comes or goes meanwhile. */
  now(): T[] {
    return this.#all.slice();
  }
}
