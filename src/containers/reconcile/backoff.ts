/** How the next try is put off: 1 s, doubling to 60 s. A run of 10 minutes makes up for all failures before. */
export const backoff = { first: 1000, last: 60_000, forgiven: 10 * 60_000 };

/** One thing that failed and is tried again. */
export interface Backoff {
  failures: number;
  /** Time before which it is not tried again, in milliseconds since 1970. */
  until: number;
}

export const noBackoff: Backoff = { failures: 0, until: 0 };

/** State after one more failure at `now`; `ran` is how many milliseconds it went well before. */
export function failed(before: Backoff, now: number, ran = 0): Backoff {
  const failures = ran >= backoff.forgiven ? 1 : before.failures + 1;
  return { failures, until: now + delayAfter(failures) };
}

/** Milliseconds to wait after so many failures in a row. */
export function delayAfter(failures: number): number {
  return failures <= 0 ? 0 : Math.min(backoff.last, backoff.first * 2 ** Math.min(failures - 1, 16));
}
