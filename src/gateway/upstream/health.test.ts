import { describe, expect, it } from "vitest";
import { Health } from "./health.ts";
import { RetryBudget } from "./retry-budget.ts";
import { Waiting } from "./places/waiting.ts";
import type { BandstandError } from "../../foundation/errors/index.ts";

const yes = (): boolean => true;

describe("health of an endpoint", () => {
  const outliers = { consecutiveErrors: 3, baseEjectionTime: 1000, maxEjectionTime: 2500, maxEjectionPercent: 50 };

  it("without a policy only connections that fail count, for two seconds", () => {
    const health = new Health();
    for (let turn = 0; turn < 100; turn++) health.answered(503, 0, yes);
    health.failed("backend-reset", 0, yes);
    expect(health.available(0)).toBe(true);
    health.failed("backend-unreachable", 0, yes);
    expect([health.available(1999), health.available(2000)]).toEqual([false, true]);
  });

  it("ends with errors in a row; a time away grows up to its most, and shrinks after good behaviour", () => {
    const health = new Health(outliers);
    const errors = (now: number): boolean[] => [1, 2, 3].map(() => health.answered(502, now, yes));
    health.answered(500, 0, yes);
    health.answered(500, 0, yes);
    health.answered(404, 0, yes);
    expect(errors(0)).toEqual([false, false, true]);
    expect([health.available(999), health.available(1000)]).toEqual([false, true]);
    errors(1000);
    expect([health.available(2999), health.available(3000)]).toEqual([false, true]);
    errors(3000);
    expect([health.available(5499), health.available(5500)]).toEqual([false, true]);
    // Good for longer than it was away, three times.
    for (const now of [8001, 10_502, 13_003]) health.answered(200, now, yes);
    errors(20_000);
    expect([health.available(20_999), health.available(21_000)]).toEqual([false, true]);
  });

  it("counts failures without an answer, but not what the client did, and asks for leave", () => {
    const health = new Health(outliers);
    for (const code of ["backend-timeout", "client-gone", "request-timeout", "backend-reset"] as const) {
      expect(health.failed(code, 0, yes)).toBe(false);
    }
    expect(health.failed("backend-broken", 0, () => false)).toBe(false);
    expect(health.available(0)).toBe(true);
    expect(health.failed("backend-broken", 0, yes)).toBe(true);
  });
});

describe("a retry budget", () => {
  it("is a share of the requests of a time that slides, and a few always", () => {
    const budget = new RetryBudget({ percent: 10, interval: 10_000, least: { count: 2, interval: 1000 } });
    const retries = (now: number): number => {
      let count = 0;
      while (budget.take(now)) count++;
      return count;
    };
    expect(retries(0)).toBe(2);
    for (let turn = 0; turn < 100; turn++) budget.sent(500);
    expect(retries(500)).toBe(8);
    // Half of the time later half of them still count, and the few are there again.
    for (let turn = 0; turn < 100; turn++) budget.sent(15_000);
    expect(retries(15_000)).toBe(10);
    expect(retries(60_000)).toBe(2);
  });
});

describe("waiting for a connection", () => {
  function queue() {
    const clock = { now: 0 };
    const waiting = new Waiting("127.0.0.1:1", 3, undefined, () => clock.now);
    const seen: string[] = [];
    const add = (name: string): void => {
      waiting.add(
        () => seen.push(name),
        (error: BandstandError) => seen.push(`${name} ${error.code}`),
      );
    };
    return { clock, waiting, seen, add };
  }

  it("is in turn, and for so many only", () => {
    const { waiting, seen, add } = queue();
    for (const name of ["a", "b", "c"]) add(name);
    expect(() => add("d")).toThrow("3 requests wait");
    for (let turn = 0; turn < 4; turn++) waiting.next();
    expect(seen).toEqual(["a", "b", "c"]);
  });

  it("may take long in a burst, and not in a queue that stands", () => {
    const { clock, waiting, seen, add } = queue();
    add("a");
    add("b");
    clock.now = 1900;
    waiting.next();
    expect(seen).toEqual(["a"]);
    add("c");
    clock.now = 2050;
    add("d");
    waiting.sweep();
    expect(seen).toEqual(["a", "b overloaded"]);
    clock.now = 2150;
    waiting.next();
    expect(seen).toEqual(["a", "b overloaded", "c overloaded", "d"]);
    // Empty again: the next ones are a burst.
    add("e");
    clock.now = 4000;
    waiting.next();
    expect(seen.at(-1)).toBe("e");
  });
});
