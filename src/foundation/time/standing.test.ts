import { expect, it } from "vitest";
import { Standing } from "./standing.ts";

it("refuses where whoever is next has waited too long for half a second, until the queue is short again", () => {
  const standing = new Standing();
  const look = (at: number, waited: number): boolean => standing.isTooLong(waited, at, 10);
  expect([look(0, 400), look(400, 600), look(600, 700), look(700, 340), look(800, 360)]).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
  expect([look(900, 100), look(1000, 400)]).toEqual([false, false]);
});

it("takes one after the other for no queue, and a few for none that is too long", () => {
  const standing = new Standing();
  for (let at = 0; at < 5000; at += 500) expect(standing.isTooLong(500, at, 1)).toBe(false);
  for (let at = 5000; at < 10_000; at += 500) expect(standing.isTooLong(500, at, 2)).toBe(false);
  expect(standing.isTooLong(500, 10_000, 3)).toBe(true);
});

it("lets nobody wait for more than half of the time that a request has", () => {
  const standing = new Standing(100);
  const look = (at: number, waited: number): boolean => standing.isTooLong(waited, at, 10);
  expect([look(0, 60), look(600, 60), look(700, 45), look(800, 55), look(900, 20), look(1000, 60)]).toEqual([
    false,
    true,
    false,
    true,
    false,
    false,
  ]);
});
