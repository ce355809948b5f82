import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Debt } from "./debt.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"], now: 1000 }));
afterEach(() => void vi.useRealTimers());

const memory = 64 << 20;

it("says nothing of what is thrown away now and then, or is small", () => {
  const debt = new Debt();
  for (let second = 0; second < 20; second++) {
    debt.thrownAway(memory, 0, true);
    for (let small = 0; small < 100; small++) debt.thrownAway(1 << 20, 0, true);
    expect([debt.isLarge, debt.isTooLarge]).toEqual([false, false]);
    vi.advanceTimersByTime(1000);
  }
});

it("lets a component wait that fails with much in its hands again and again, and forgives with time", () => {
  const debt = new Debt();
  for (let failure = 0; failure < 3; failure++) debt.thrownAway(memory, 0, true);
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
  for (let request = 0; request < 30; request++) debt.thrownAway(memory, 0, false);
  expect(debt.isLarge).toBe(false);
});

it("asks more for objects of the engine's heap, and for what is kept through its collections", () => {
  const debt = new Debt();
  debt.thrownAway(0, 60 << 20, true);
  expect([debt.isLarge, debt.lessIn]).toEqual([true, 100]);
  // That is what it takes where hardly any live.
  for (let collection = 0; collection < 1000; collection++) debt.collected(0.4);
  expect(debt.lessIn).toBe(100);
  debt.collected(10.5);
  expect(debt.lessIn).toBe(200);
});

describe("holding up the thread", () => {
  it("is for whoever comes back, the longer the more seldom", () => {
    const debt = new Debt();
    // A little longer than everybody may, forty times in a second.
    for (let hold = 0; hold < 200; hold++) {
      expect(debt.mayHold).toBe(true);
      debt.held(1.5);
      vi.advanceTimersByTime(25);
    }
    debt.held(10);
    expect(debt.mayHold).toBe(false);
    vi.advanceTimersByTime(600);
    expect([debt.mayHold, debt.isLarge]).toEqual([true, false]);
  });

  it("is for none that had to be ended", () => {
    const debt = new Debt();
    debt.heldUp();
    vi.advanceTimersByTime(9000);
    expect(debt.mayHold).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(debt.mayHold).toBe(true);
  });
});
