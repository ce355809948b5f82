import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Debt } from "./debt.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"], now: 1000 }));
afterEach(() => void vi.useRealTimers());

const memory = 64 << 20;

it("says nothing of what is thrown away now and then, or is small", () => {
  const debt = new Debt();
  for (let second = 0; second < 20; second++) {
    debt.thrownAway(memory, true);
    for (let small = 0; small < 100; small++) debt.thrownAway(1 << 20, true);
    expect([debt.isLarge, debt.isTooLarge]).toEqual([false, false]);
    vi.advanceTimersByTime(1000);
  }
});

it("lets a component wait that fails with much in its hands again and again, and forgives with time", () => {
  const debt = new Debt();
  for (let failure = 0; failure < 3; failure++) debt.thrownAway(memory, true);
  expect([debt.isLarge, debt.isTooLarge, debt.lessIn]).toEqual([true, false, 256]);
  debt.heldUp();
  debt.heldUp();
  expect([debt.isTooLarge, debt.lessIn]).toEqual([true, 256]);
  vi.advanceTimersByTime(257);
  expect([debt.isLarge, debt.isTooLarge]).toEqual([true, false]);
  vi.advanceTimersByTime(500);
  expect([debt.isLarge, debt.isTooLarge]).toEqual([false, false]);
});

it("asks less of who did well with it", () => {
  const debt = new Debt();
  for (let request = 0; request < 30; request++) debt.thrownAway(memory, false);
  expect(debt.isLarge).toBe(false);
});
