/** The name of a value that nothing is known of. */
export const unknown = -1;
/** The name of zero: constants are zero plus something. */
export const constants = 0;
/** The name of what a stack pointer was at the entry of the function (`Pointer`). */
export const atEntry = 1;

/** Names and factors below it are mixed: two of them are one number. */
const mostMixed = 1 << 26;

/**
 * Gives the values of locals names: two locals of the same name (and delta) hold the same number wherever both
 * names hold. Names of what is assigned in a branch end where branches meet, names of what a loop assigns end at
 * its header, so a name never stands for two values at one point of one run.
 *
 * Nothing is walked at a branch's end: an assignment has a time, and a span of times that is over for all locals
 * is one entry. So the work does not grow with the number of locals times that of blocks.
 */
export class LocalValues {
  readonly #names: number[] = [];
  readonly #deltas: number[] = [];
  readonly #spans: number[] = [];
  readonly #times: number[] = [];
  /** Spans of time whose assignments are over: disjoint, in order. */
  readonly #overFrom: number[] = [];
  readonly #overTo: number[] = [];
  /** Loops around the current position, outermost first. */
  readonly #loopTimes: number[] = [];
  readonly #loopStarts: number[] = [];
  readonly #loopEnds: number[] = [];
  /** By local: where it is assigned, in order. */
  #assigned: ReadonlyMap<number, readonly number[]> = new Map();
  /** Names of sums and products, by those of what they are made of. */
  readonly #sums = new Map<number, number>();
  readonly #products = new Map<number, number>();
  #start = 0;
  #now = 0;
  #next = atEntry + 1;

  /** A new function. @param assigned by local, the positions where it is assigned, in order. */
  enter(assigned: ReadonlyMap<number, readonly number[]>): void {
    this.#assigned = assigned;
    this.#start = ++this.#now;
    this.#next = atEntry + 1;
    if (this.#sums.size > 0) this.#sums.clear();
    if (this.#products.size > 0) this.#products.clear();
    this.#overFrom.length = this.#overTo.length = 0;
    this.#loopTimes.length = this.#loopStarts.length = this.#loopEnds.length = 0;
  }

  /** The time, for `over`. */
  tick(): number {
    return ++this.#now;
  }

  /** All that was assigned since is known no more. */
  over(since: number): void {
    while (this.#overFrom.length > 0 && this.#overFrom.at(-1)! >= since) {
      this.#overFrom.pop();
      this.#overTo.pop();
    }
    this.#overFrom.push(since);
    this.#overTo.push(++this.#now);
  }

  /** A loop begins; positions as in `assigned`. */
  loop(start: number, end: number): void {
    this.#loopTimes.push(++this.#now);
    this.#loopStarts.push(start);
    this.#loopEnds.push(end);
  }

  loopEnd(): void {
    this.#loopTimes.pop();
    this.#loopStarts.pop();
    this.#loopEnds.pop();
  }

  /** @param span it holds something between the name plus `delta` and so much more. */
  set(local: number, name: number, delta: number, span = 0): void {
    this.#names[local] = name === unknown ? this.#next++ : name;
    this.#deltas[local] = name === unknown ? 0 : delta;
    this.#spans[local] = name === unknown ? 0 : span;
    this.#times[local] = ++this.#now;
  }

  /** The name of the sum of two values, modulo 2^32. */
  sum(a: number, b: number): number {
    if (a === unknown || b === unknown) return unknown;
    if (a >= mostMixed || b >= mostMixed) return unknown;
    return this.#made(this.#sums, a < b ? a * mostMixed + b : b * mostMixed + a);
  }

  /** The name of a value times a constant, modulo 2^32. */
  product(name: number, factor: number): number {
    if (name === constants || factor === 1) return name;
    if (name === unknown || name >= mostMixed || factor < 2 || factor >= mostMixed) return unknown;
    return this.#made(this.#products, name * mostMixed + factor);
  }

  #made(known: Map<number, number>, key: number): number {
    let name = known.get(key);
    if (name === undefined) known.set(key, (name = this.#next++));
    return name;
  }

  name(local: number): number {
    if (!this.#holds(local)) this.set(local, unknown, 0);
    return this.#names[local]!;
  }

  /** What is added to the name that `name` answered last. */
  delta(local: number): number {
    return this.#deltas[local]!;
  }

  /** What is added to both at most, of which nothing more is known. */
  span(local: number): number {
    return this.#spans[local]!;
  }

  /** When it was assigned, after `name` was asked: while that stays the same, so does what it holds. */
  time(local: number): number {
    return this.#times[local]!;
  }

  #holds(local: number): boolean {
    const time = this.#times[local] ?? 0;
    if (time < this.#start || this.#isOver(time)) return false;
    const outermost = firstAbove(this.#loopTimes, time);
    if (outermost === this.#loopTimes.length) return true;
    const positions = this.#assigned.get(local);
    if (positions === undefined) return true;
    const next = positions[firstAbove(positions, this.#loopStarts[outermost]!)];
    return next === undefined || next > this.#loopEnds[outermost]!;
  }

  #isOver(time: number): boolean {
    const span = firstAbove(this.#overFrom, time) - 1;
    return span >= 0 && time <= this.#overTo[span]!;
  }
}

/** Place of the first number greater than the limit, in numbers that rise. */
function firstAbove(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
