import { expect, test } from "vitest";
import { BodyPace } from "./body-pace.ts";

test("what comes makes the time longer, by what it takes at the slowest rate", () => {
  const pace = new BodyPace(500, 20_000, 1000);
  expect(pace.end).toBe(21_000);
  pace.took(250, 5000);
  expect(pace.end).toBe(21_500);
  for (let second = 6; second < 60; second++) pace.took(500, second * 1000);
  expect(pace.end).toBe(21_500 + 54_000);
});

test("a fast start is no permission for hours", () => {
  const pace = new BodyPace(500, 20_000, 0);
  pace.took(1e9, 100);
  expect(pace.end).toBe(60_100);
  pace.took(1, 200);
  expect(pace.end).toBe(60_102);
  const patient = new BodyPace(500, 90_000, 0);
  patient.took(1e9, 100);
  expect(patient.end).toBe(90_000);
});

test("the time in which we do not read is not the client's", () => {
  const pace = new BodyPace(500, 20_000, 0);
  pace.resume(100);
  expect(pace.end).toBe(20_000);
  pace.pause(1000);
  pace.pause(5000);
  pace.resume(11_000);
  pace.resume(12_000);
  expect(pace.end).toBe(30_000);
});
