import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import type { ComponentPlan } from "../../model/plan/index.ts";
import { ComponentScope, Guest } from "../host/index.ts";
import { heldForGood } from "./machine.ts";
import { Pressure } from "./pressure.ts";

const mebibyte = 1 << 20;

function scopeOf(id: string): ComponentScope {
  const plan = { id, isolation: "request", limits: { resources: 10, log: 10 }, config: {} } as unknown as ComponentPlan;
  return new ComponentScope(plan, {
    logger: loggerTo(() => {}),
    config: new Map(),
    fetch: () => Promise.reject(new Error("none")),
  });
}

function guestOf(scope: ComponentScope, size: number, isBusy = true): Guest {
  const guest = new Guest(scope);
  guest.memoryBytes = () => size * mebibyte;
  if (isBusy) guest.exchange = {} as never;
  return guest;
}

/** A machine of 1 GiB, of which 64 MiB should be left. */
const machine = { usable: 1024 * mebibyte, taken: 0, others: 0, held: () => machine.taken, available: leftOver };

function leftOver(): number {
  return machine.usable - machine.taken - machine.others;
}

it("ends the largest guests of the component that has most, until enough is left, and nobody before", async () => {
  const [greedy, modest] = [scopeOf("default/greedy"), scopeOf("default/modest")];
  const many = [20, 60, 10, 50].map((size) => guestOf(greedy, size));
  const large = guestOf(modest, 100);
  const idle = guestOf(greedy, 200, false);
  let reclaimed = 0;
  const pressure = new Pressure(machine, [...many, undefined, large, idle], () => reclaimed++);
  machine.taken = 800 * mebibyte;
  pressure.relieve();
  expect([pressure.isHigh, reclaimed, many.map(({ failure }) => failure)]).toEqual([
    false,
    0,
    Array(4).fill(undefined),
  ]);
  machine.taken = 1010 * mebibyte;
  pressure.relieve();
  // It was looked at just now.
  expect(many.every(({ failure }) => failure === undefined)).toBe(true);
  await sleep(25);
  pressure.relieve();
  expect(pressure.isHigh).toBe(true);
  expect(reclaimed).toBe(1);
  expect(many.map(({ failure }) => failure?.code)).toEqual([undefined, "overloaded", undefined, undefined]);
  expect(many[1]!.failure).toMatchObject({
    message: `held ${60 * mebibyte} bytes of memory where the machine has hardly any left`,
  });
  expect([large.failure, idle.failure]).toEqual([undefined, undefined]);
});

it("ends nobody for bytes of those that ended, which go only where the engine collects", async () => {
  const guests = Array.from({ length: 12 }, () => guestOf(scopeOf("default/a"), 60));
  let ended = 0;
  const pressure = new Pressure(
    machine,
    guests,
    () => {},
    () => {
      machine.taken -= 60 * mebibyte * (failed() - ended);
      ended = failed();
    },
  );
  const failed = (): number => guests.filter(({ failure }) => failure !== undefined).length;
  machine.taken = 1000 * mebibyte;
  machine.others = 0;
  pressure.relieve();
  expect(failed()).toBe(1);
  await sleep(40);
  // Again, and the engine is not asked to collect so soon.
  machine.taken = 1000 * mebibyte;
  for (let i = 0; i < 6; i++) {
    await sleep(25);
    pressure.relieve();
    expect([pressure.isHigh, failed()]).toEqual([true, 2]);
  }
  await sleep(200);
  expect([pressure.isHigh, failed()]).toEqual([false, 2]);
});

it("ends guests where others looked just before", () => {
  machine.taken = 1000 * mebibyte;
  machine.others = 0;
  const guest = guestOf(scopeOf("default/a"), 150);
  const pressure = new Pressure(machine, [guest], () => {});
  expect(pressure.isHigh).toBe(true);
  pressure.relieve();
  expect(guest.failure?.code).toBe("overloaded");
});

it("ends nobody where it is others that fill the machine", () => {
  machine.taken = 200 * mebibyte;
  machine.others = 800 * mebibyte;
  const guest = guestOf(scopeOf("default/a"), 150);
  const pressure = new Pressure(machine, [guest], () => {});
  pressure.relieve();
  expect([pressure.isHigh, guest.failure]).toEqual([false, undefined]);
});

it("ends nobody in a small container that the process fills by itself", () => {
  machine.taken = 1000 * mebibyte;
  machine.others = 0;
  const guest = guestOf(scopeOf("default/a"), 20);
  const pressure = new Pressure(machine, [guest], () => {});
  pressure.relieve();
  expect([pressure.isHigh, guest.failure]).toEqual([false, undefined]);
});

it("holds what the kernel cannot take back", () => {
  const [all, held] = [process.memoryUsage.rss(), heldForGood()];
  if (process.platform !== "linux") return expect(held).toBeUndefined();
  // The program of Node alone is that large.
  expect(held).toBeLessThan(all - 10 * mebibyte);
  expect(held).toBeGreaterThan(all / 4);
});
