import { expect, test } from "vitest";
import { Journal } from "./journal.ts";

test("a second run is given what the first one was given, and then goes on by itself", () => {
  const journal = new Journal();
  let drawn = 0;
  const draw = (): number => ++drawn;
  expect([journal.once(draw, true), journal.once(draw, true)]).toEqual([1, 2]);
  journal.rewind();
  expect([journal.once(draw, false), journal.once(draw, false), journal.once(draw, false)]).toEqual([1, 2, 3]);
  expect(drawn).toBe(3);
});

test("what need not be given again is not kept", () => {
  const journal = new Journal();
  for (let i = 0; i < 5000; i++) journal.once(() => i, false);
  expect(journal.full).toBe(false);
  for (let i = 0; i < 1000; i++) journal.once(() => i, true);
  expect(journal.full).toBe(true);
});
