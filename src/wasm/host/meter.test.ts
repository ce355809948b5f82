import { spawn, type ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { threadTime } from "../../foundation/time/clock.ts";
import { Meter, type Reading } from "./meter.ts";

/** Milliseconds that a guest may run. */
const limit = 20;

/** A guest that comes to a check every few microseconds, and what it used by a count of our own. */
class Worker {
  readonly meter = new Meter();
  used = 0;

  constructor() {
    this.meter.start(limit);
  }

  /** Runs until its turn is over, its time is, or it used so much. @param resumed it made room for others before. */
  run(resumed: boolean, most = Number.POSITIVE_INFINITY): Reading {
    const from = threadTime();
    if (resumed) this.meter.begin();
    let reading: Reading;
    do {
      for (let round = 0; round < 500; round++) sink = Math.imul(sink + round, 2654435761);
      reading = this.meter.read();
    } while (reading === "on" && (most === Number.POSITIVE_INFINITY || this.used + threadTime() - from < most));
    this.meter.pause();
    this.used += threadTime() - from;
    return reading;
  }
}
let sink = 0;

/** All take turns until each was ended, or used so much. @returns who was ended. */
function takeTurns(workers: Worker[], most?: number): Set<Worker> {
  const ended = new Set<Worker>();
  let left = workers;
  for (let resumed = false; left.length > 0; resumed = true) {
    left = left.filter((worker) => {
      const reading = worker.run(resumed, most);
      if (reading === "spent") ended.add(worker);
      return reading === "slice";
    });
  }
  return ended;
}

// Another program wants the same cores all the while.
let other: ChildProcess | undefined;
beforeAll(() => {
  other = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
});
afterAll(() => other?.kill());

describe("the meter of a guest's CPU time, on a busy machine", () => {
  it("ends each of many that take turns when its time is used up", () => {
    const workers = Array.from({ length: 5 }, () => new Worker());
    expect(takeTurns(workers).size).toBe(5);
    for (const { used } of workers) {
      expect(used).toBeGreaterThan(limit * 0.94);
      expect(used).toBeLessThan(limit * 1.06);
    }
  });

  it("ends nobody who uses nine tenths of it", () => {
    const workers = Array.from({ length: 5 }, () => new Worker());
    expect(takeTurns(workers, limit * 0.9)).toEqual(new Set());
  });

  it("counts what is done in pieces between waits", () => {
    const worker = new Worker();
    let pieces = 0;
    for (; !worker.meter.isSpent; pieces++) worker.run(false, worker.used + 0.3);
    expect(worker.used).toBeGreaterThan(limit * 0.94);
    expect(worker.used).toBeLessThan(limit * 1.1);
    expect(pieces).toBeGreaterThan(50);
  });

  it("counts what is done in pieces that come to no check", () => {
    const meter = new Meter();
    meter.start(limit);
    const from = threadTime();
    while (!meter.isSpent) {
      meter.resumed();
      for (let round = 0; round < 5000; round++) sink = Math.imul(sink + round, 2654435761);
      meter.pause();
    }
    expect(threadTime() - from).toBeGreaterThan(limit * 0.94);
    expect(threadTime() - from).toBeLessThan(limit * 2);
  });

  it("takes what passes for CPU time only for a twentieth of the limit", async () => {
    const meter = new Meter();
    meter.start(limit);
    meter.begin();
    await new Promise((resolve) => setTimeout(resolve, 2 * limit));
    meter.pause();
    expect(meter.passed).toBeGreaterThan(limit);
    expect(meter.isSpent).toBe(false);
  });
});

it("counts what the host did for it while it ran as what passes", () => {
  const meter = new Meter();
  meter.start(limit);
  meter.begin();
  meter.took(limit * 2);
  meter.pause();
  expect(meter.isSpent).toBe(true);
});
