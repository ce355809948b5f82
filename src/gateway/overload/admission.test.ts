import { describe, expect, it } from "vitest";
import { Admission, type Time } from "./admission.ts";

/** A thread that works off requests of a given cost, as an event loop does: all that is ready, then timers. */
class Loop implements Time {
  clock = 0;
  readonly latencies: number[] = [];
  served = 0;
  shed = 0;
  readonly admission = new Admission(this);
  #timers: { at: number; act: () => void }[] = [];
  #ends: (() => void)[] = [];
  #ready: number[] = [];
  #arrived = 0;

  now(): number {
    return this.clock;
  }

  later(milliseconds: number, act: () => void): void {
    this.#timers.push({ at: this.clock + milliseconds, act });
  }

  behind(act: () => void): void {
    this.#ends.push(act);
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Lets requests come evenly for a time, each of them costing so much to serve and a twentieth to refuse. */
  run(milliseconds: number, perSecond: number, cost: number): void {
    const end = this.clock + milliseconds;
    this.#arrived = Math.min(this.#arrived, this.clock);
    while (this.clock < end) this.#turn(1000 / perSecond, cost);
  }

  #turn(gap: number, cost: number): void {
    const due = this.#timers.filter(({ at }) => at <= this.clock);
    this.#timers = this.#timers.filter(({ at }) => at > this.clock);
    for (const { act } of due) act();
    for (; this.#arrived <= this.clock; this.#arrived += gap) this.#ready.push(this.#arrived);
    if (this.#ready.length === 0) {
      this.clock = Math.min(this.#arrived, ...this.#timers.map(({ at }) => at));
      return;
    }
    for (const arrived of this.#ready.splice(0)) {
      if (this.admission.admit()) {
        this.clock += cost;
        this.served++;
        this.latencies.push(this.clock - arrived);
      } else {
        this.clock += cost / 20;
        this.shed++;
      }
    }
    for (const act of this.#ends.splice(0)) act();
  }
}

describe("admission of a thread", () => {
  it("takes everything up to its capacity, and a burst too", () => {
    const loop = new Loop();
    loop.run(10_000, 900, 1);
    expect(loop.shed).toBe(0);
    loop.run(300, 4000, 1);
    loop.run(10_000, 500, 1);
    expect(loop.shed).toBe(0);
    expect(loop.admission.overloaded).toBe(false);
  });

  it.each([0.05, 1, 10])("at twice its capacity serves nearly as much as it can, in time (%d ms each)", (cost) => {
    const loop = new Loop();
    const capacity = 1000 / cost;
    loop.run(6000, 2 * capacity, cost);
    const before = loop.served;
    loop.latencies.length = 0;
    loop.run(20_000, 2 * capacity, cost);
    expect((loop.served - before) / 20 / capacity).toBeGreaterThan(0.9);
    expect(loop.latencies.toSorted((a, b) => a - b).at(-1)).toBeLessThan(cost * 8 + 900);
    loop.run(2000, capacity / 2, cost);
    const shed = loop.shed;
    loop.run(2000, capacity / 2, cost);
    expect(loop.shed).toBe(shed);
  });

  it("takes a few slow ones whatever they cost", () => {
    const loop = new Loop();
    loop.run(60_000, 4, 240);
    expect(loop.shed).toBe(0);
  });

  it("takes all that came while the thread stood still", () => {
    const loop = new Loop();
    for (let turn = 0; turn < 5; turn++) {
      loop.run(2000, 300, 1);
      loop.clock += 2000;
    }
    loop.run(2000, 300, 1);
    expect(loop.shed).toBe(0);
  });

  it("runs no timer while nothing comes", () => {
    const loop = new Loop();
    loop.run(1000, 900, 1);
    loop.run(1000, 0.1, 1);
    expect(loop.timers).toBe(0);
  });
});
