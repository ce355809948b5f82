/** Microseconds of one tick, the unit of time in the table: 2^44 of them are two years. */
const tick = 4;
const timeBits = 44n;
const timeMask = (1n << timeBits) - 1n;
/** Entries that one key may stand in. */
const ways = 8;
const entries = 65_536;
const buckets = entries / ways;

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

/**
 * Who may still send how much: the generic cell rate algorithm (ITU-T I.371), of which all state is one time a key, the
 * one at which its bucket is full again. So a thread counts with one compare-and-swap, nothing is locked that a thread
 * which ends could leave locked, and all threads together give the limit.
 *
 * Memory is fixed. A key whose bucket is full again is the same as one never seen: its place is free. Where none of a
 * key's eight places is free, the one that would be soonest gives way: under more active keys than places a limit is
 * less strict, never stricter.
 */
export class RateTable {
  readonly #words: BigUint64Array;
  readonly #now: () => number;

  /** @param now ticks since the memory was made; for tests. */
  constructor(memory: SharedArrayBuffer, now?: () => number) {
    this.#words = new BigUint64Array(memory);
    const began = this.#words[entries] as bigint;
    this.#now = now ?? (() => Number(process.hrtime.bigint() - began) / (1000 * tick));
  }

  /** Whether one more request would be allowed; counts nothing. */
  peek(key: string, rate: Rate): Verdict {
    const { place, tag } = hash(key);
    const now = Math.floor(this.#now());
    const at = this.#find(place, tag, now);
    return verdict(timeOf(this.#words[at] as bigint, tag, now, rate), now, rate);
  }

  /** Counts one request, where it is allowed. */
  take(key: string, rate: Rate): Verdict {
    const { place, tag } = hash(key);
    const now = Math.floor(this.#now());
    for (;;) {
      const at = this.#find(place, tag, now);
      const before = Atomics.load(this.#words, at);
      const time = timeOf(before, tag, now, rate);
      const result = verdict(time, now, rate);
      if (!result.allowed) return result;
      const after = (BigInt(tag) << timeBits) | (BigInt(time + rate.interval) & timeMask);
      if (Atomics.compareExchange(this.#words, at, before, after) === before) return result;
    }
  }

  /** The key's entry, else the one that it may have. */
  #find(place: number, tag: number, now: number): number {
    let best = place;
    let soonest = Number.POSITIVE_INFINITY;
    for (let at = place; at < place + ways; at++) {
      const word = this.#words[at] as bigint;
      if (word >> timeBits === BigInt(tag)) return at;
      const time = Math.max(now, Number(word & timeMask));
      if (time < soonest) {
        soonest = time;
        best = at;
      }
    }
    return best;
  }
}

/** When the bucket of a key is full, in ticks: never before now. What cannot be of this rate counts as never seen. */
function timeOf(word: bigint, tag: number, now: number, { interval, burst }: Rate): number {
  if (word >> timeBits !== BigInt(tag)) return now;
  const time = Number(word & timeMask);
  return time > now + interval * burst ? now : Math.max(time, now);
}

function verdict(time: number, now: number, { interval, burst }: Rate): Verdict {
  const seconds = (ticks: number): number => (ticks * tick) / 1e6;
  const excess = time + interval - now - interval * burst;
  if (excess > 0) return { allowed: false, remaining: 0, reset: seconds(time - now), wait: seconds(excess) };
  return { allowed: true, remaining: Math.floor(-excess / interval), reset: seconds(time + interval - now), wait: 0 };
}

/** FNV-1a, twice: who finds two keys that collide makes them share a limit, and could as well have sent one of them. */
function hash(key: string): { place: number; tag: number } {
  let first = 0x811c9dc5;
  let second = 0x01000193;
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x5bd1e995) ^ (second >>> 15);
  }
  first ^= first >>> 16;
  return { place: ((first >>> 0) % buckets) * ways, tag: second >>> 12 || 1 };
}
