import { performance } from "node:perf_hooks";

/** Microseconds of one tick, the unit of time in the table: 2^44 of them are two years. */
const tick = 4;
/** An entry is 20 bits of its key's tag, and the time. In halves: 12 bits of the time stand behind the tag, 32 in the lower one. */
const highTimeBits = 12;
const highTimeMask = 0xfff;
const half = 2 ** 32;
/** Where the halves of an entry are. */
const [low, high] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];
/** Entries that one key may stand in. */
const ways = 8;
const entries = 65_536;
const buckets = entries / ways;
/** A thread that had to stand still after it asked for the time is behind others by so many ticks at most: a second. */
const behind = 1e6 / tick;

/** What came of asking for one more request. Times in seconds. */
export interface Verdict {
  allowed: boolean;
  /** Requests that could come at once after this one. */
  remaining: number;
  /** Until everything may come at once again. */
  reset: number;
  /** Until the next request is allowed; 0 where this one is. */
  wait: number;
}

/** A rate as the table counts with it. */
export interface Rate {
  /** Ticks between two requests that come evenly. */
  interval: number;
  /** Requests at once. */
  burst: number;
}

export function rateOf({ requests, per, burst }: { requests: number; per: number; burst: number }): Rate {
  return { interval: Math.max(1, Math.round((per * 1000) / tick / requests)), burst };
}

/** The memory of a table, for all threads of a gateway: 512 KiB. */
export function newTableMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer((entries + 1) * 8);
  // The last word tells when its time began, by the clock that all threads have in common.
  new BigUint64Array(memory)[entries] = process.hrtime.bigint();
  return memory;
}

/** The hash of how keys begin, for who asks for many of them. */
export interface Beginning {
  first: number;
  second: number;
}

const nothing: Beginning = { first: 0x811c9dc5, second: 0x01000193 };

/** FNV-1a, twice: who finds two keys that collide makes them share a limit, and could as well have sent one of them. */
export function beginningOf(text: string, before = nothing): Beginning {
  let { first, second } = before;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x5bd1e995) ^ (second >>> 15);
  }
  return { first, second };
}

/**
 * Who may still send how much: the generic cell rate algorithm (ITU-T I.371), of which all state is one time a key, the
 * one at which its bucket is full again. So a thread counts with one compare-and-swap, nothing is locked that a thread
 * which ends could leave locked, and all threads together give the limit.
 *
 * Memory is fixed. A key whose bucket is full again is the same as one never seen: its place is free. Where none of a
 * key's eight places is free, the one that would be soonest gives way: under more active keys than places a limit is
 * less strict, never stricter.
 *
 * Nearly always only the lower half of an entry changes, and is swapped alone: whole entries are BigInts to JavaScript. Where
 * the upper half became another meanwhile, so did the lower one, but for one case in 2^32, in which two keys share a count.
 */
export class RateTable {
  readonly #words: BigUint64Array;
  readonly #halves: Int32Array;
  readonly #now: () => number;
  /** An entry before and after, as halves and as words. */
  readonly #swapHalves = new Int32Array(4);
  readonly #swapWords = new BigUint64Array(this.#swapHalves.buffer);

  /** @param now ticks since the memory was made; for tests. */
  constructor(memory: SharedArrayBuffer, now?: () => number) {
    this.#words = new BigUint64Array(memory);
    this.#halves = new Int32Array(memory);
    const began = this.#words[entries] as bigint;
    // Both clocks are the same, but for where they begin.
    const apart = Number(process.hrtime.bigint() - began) / (1000 * tick) - (performance.now() * 1000) / tick;
    this.#now = now ?? (() => (performance.now() * 1000) / tick + apart);
  }

  /** Whether one more request would be allowed; counts nothing. @param before stands before the key. */
  peek(key: string, rate: Rate, before?: Beginning): Verdict {
    const found = beginningOf(key, before);
    const tag = tagOf(found);
    const now = Math.floor(this.#now());
    const at = this.#find(placeOf(found), tag, now);
    const upper = this.#halves[at + high] as number;
    return verdict(timeOf(upper, this.#halves[at + low] as number, tag, now, rate), now, rate);
  }

  /** Counts one request, where it is allowed. @param before stands before the key. */
  take(key: string, rate: Rate, before?: Beginning): Verdict {
    const halves = this.#halves;
    const found = beginningOf(key, before);
    const place = placeOf(found);
    const tag = tagOf(found);
    const now = Math.floor(this.#now());
    for (;;) {
      const at = this.#find(place, tag, now);
      const upper = Atomics.load(halves, at + high);
      const lower = Atomics.load(halves, at + low);
      if (Atomics.load(halves, at + high) !== upper) continue;
      const time = timeOf(upper, lower, tag, now, rate);
      const result = verdict(time, now, rate);
      if (!result.allowed) return result;
      const next = time + rate.interval;
      const nextUpper = (tag << highTimeBits) | (Math.floor(next / half) & highTimeMask);
      const nextLower = (next % half) | 0;
      const done =
        nextUpper === upper
          ? Atomics.compareExchange(halves, at + low, lower, nextLower) === lower
          : this.#swap(at, upper, lower, nextUpper, nextLower);
      if (done) return result;
    }
  }

  /** Swaps a whole entry. False: it is another by now. */
  #swap(at: number, upper: number, lower: number, nextUpper: number, nextLower: number): boolean {
    const halves = this.#swapHalves;
    halves[high] = upper;
    halves[low] = lower;
    halves[2 + high] = nextUpper;
    halves[2 + low] = nextLower;
    const [before, after] = this.#swapWords as unknown as [bigint, bigint];
    return Atomics.compareExchange(this.#words, at / 2, before, after) === before;
  }

  /** Where the key's entry stands among halves, else the one that it may have. */
  #find(place: number, tag: number, now: number): number {
    const halves = this.#halves;
    let best = 2 * place;
    let soonest = Number.POSITIVE_INFINITY;
    for (let at = 2 * place; at < 2 * (place + ways); at += 2) {
      const upper = halves[at + high] as number;
      if (upper >>> highTimeBits === tag) return at;
      const time = Math.max(now, timeIn(upper, halves[at + low] as number));
      if (time < soonest) {
        soonest = time;
        best = at;
      }
    }
    return best;
  }
}

function placeOf({ first }: Beginning): number {
  return (((first ^ (first >>> 16)) >>> 0) % buckets) * ways;
}

function tagOf({ second }: Beginning): number {
  return second >>> 12 || 1;
}

function timeIn(upper: number, lower: number): number {
  return (upper & highTimeMask) * half + (lower >>> 0);
}

/**
 * When the bucket of a key is full, in ticks: never before now. What cannot be of this rate counts as never seen, but for what a thread
 * may have made that asked for the time a little later: else all that one used up would be free again.
 */
function timeOf(upper: number, lower: number, tag: number, now: number, { interval, burst }: Rate): number {
  if (upper >>> highTimeBits !== tag) return now;
  const time = timeIn(upper, lower);
  return time > now + interval * burst + behind ? now : Math.max(time, now);
}

function verdict(time: number, now: number, { interval, burst }: Rate): Verdict {
  const seconds = (ticks: number): number => (ticks * tick) / 1e6;
  const excess = time + interval - now - interval * burst;
  if (excess > 0) return { allowed: false, remaining: 0, reset: seconds(time - now), wait: seconds(excess) };
  return { allowed: true, remaining: Math.floor(-excess / interval), reset: seconds(time + interval - now), wait: 0 };
}
