/** Who gets a part of something that there is too little of. */
export interface Served {
  /** How much it had: comparable among those that ask at the same time. */
  used: number;
  /** It asks now. */
  asks: boolean;
}

/**
 * Finds whoever had least among those that ask (start-time fair queueing): each gets as much as the others, however often it asks. Who
 * comes back after a while begins with those that are there: what nobody used is no claim.
 */
export class Fair<T extends Served> {
  readonly #asking: T[] = [];
  /** What the last one had that was found. */
  #reached = 0;

  get size(): number {
    return this.#asking.length;
  }

  enter(one: T): void {
    if (one.asks) return;
    one.asks = true;
    if (one.used < this.#reached) one.used = this.#reached;
    this.#asking.push(one);
  }

  leave(one: T): void {
    if (!one.asks) return;
    one.asks = false;
    const last = this.#asking.pop();
    if (last !== undefined && last !== one) this.#asking[this.#asking.indexOf(one)] = last;
  }

  /** Undefined: nobody asks. @param is only of these. */
  least(is: (one: T) => boolean = always): T | undefined {
    let found: T | undefined;
    for (const one of this.#asking) if ((found === undefined || one.used < found.used) && is(one)) found = one;
    if (found !== undefined && found.used > this.#reached) this.#reached = found.used;
    return found;
  }

  some(is: (one: T) => boolean): boolean {
    return this.#asking.some(is);
  }
}

function always(): boolean {
  return true;
}
