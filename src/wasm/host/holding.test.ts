import { expect, it, vi } from "vitest";
import type { ComponentPlan } from "../../model/plan/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import { Ensemble } from "../ensemble/ensemble.ts";
import { ComponentScope, Guest } from "./index.ts";
import { hostLimits } from "./limits.ts";

const { heldTime } = hostLimits;
const time = vi.hoisted(() => ({ now: 1000, cpu: 50 }));
vi.mock("../../foundation/time/clock.ts", () => ({ monotonic: () => time.now, threadTime: () => time.cpu }));

function guestThatHolds(): Guest {
  const plan = {
    id: "default/a",
    isolation: "request",
    limits: { resources: 10, logBytes: 1000, cpu: 50 },
    config: {},
  };
  const host = { logger: loggerTo(() => {}), config: new Map(), fetch: () => Promise.reject(new Error("none")) };
  const guest = new Guest(new ComponentScope(plan as unknown as ComponentPlan, host));
  expect(guest.mayHold()).toBe(true);
  return guest;
}

it("ends a guest that goes on below a host function for longer than it may", () => {
  const guest = guestThatHolds();
  time.now += heldTime;
  time.cpu += heldTime;
  expect(guest.mayHold()).toBe(false);
});

it("begins to count anew once it came back, also to one of its components", () => {
  const guest = guestThatHolds();
  const [part] = new Ensemble(guest, [-1], 1).parts;
  for (const surfacing of [guest, part!]) {
    surfacing.surfaced();
    time.now += heldTime;
    time.cpu += heldTime;
    expect(guest.mayHold()).toBe(true);
  }
});

it("goes on where hardly any time passed, whatever the clock of CPU time says", () => {
  const guest = guestThatHolds();
  time.cpu += 4;
  time.now += 0.1;
  expect(guest.mayHold()).toBe(true);
});

it("does not charge a guest for what others did meanwhile", () => {
  const guest = guestThatHolds();
  time.now += 100;
  expect(guest.mayHold()).toBe(true);
});

it("lets a guest that was asked for memory go on for half of its CPU limit, while its component did so seldom", () => {
  const guest = guestThatHolds();
  const hold = (milliseconds: number): boolean => {
    guest.nested = 1;
    guest.mayHold();
    time.now += milliseconds;
    time.cpu += milliseconds;
    const may = guest.mayHold();
    guest.nested = 0;
    guest.surfaced();
    return may;
  };
  guest.surfaced();
  expect([guest.mostHeld, hold(15), guest.component.debt.mayHold]).toEqual([heldTime, true, false]);
  expect([hold(heldTime - 0.1), hold(heldTime)]).toEqual([true, false]);
});

it("ends a guest that was asked for memory at half of its CPU limit", () => {
  const guest = guestThatHolds();
  guest.nested = 1;
  expect(guest.mostHeld).toBe(25);
  time.now += 25;
  time.cpu += 25;
  expect(guest.mayHold()).toBe(false);
});
