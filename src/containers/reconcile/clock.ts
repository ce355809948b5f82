import { longestTimer } from "../../foundation/time/clock.ts";

/** Time as the reconciler and the probes see it; tests give their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after so many milliseconds, unless stopped by what it returns. */
  after(milliseconds: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  after(milliseconds, call) {
    const timer = setTimeout(call, Math.min(milliseconds, longestTimer));
    return () => clearTimeout(timer);
  },
};
