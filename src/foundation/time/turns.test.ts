import { expect, it } from "vitest";
import { nextTurn, turnGoesOn } from "./turns.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("calls back in the next turn, and what is asked for there in the one after", async () => {
  const seen: string[] = [];
  nextTurn(() => {
    seen.push("first");
    nextTurn(() => seen.push("second"));
  });
  expect(seen).toEqual([]);
  await turn();
  expect(seen).toEqual(["first"]);
  await turn();
  expect(seen).toEqual(["first", "second"]);
});

it("calls back within a turn that is long, one bit each two milliseconds", async () => {
  let bits = 0;
  const bit = (): void => void (++bits < 10 && nextTurn(bit));
  nextTurn(bit);
  for (let now = 100; now <= 106; now += 0.1) turnGoesOn(now);
  expect(bits).toBe(2);
  await turn();
  expect(bits).toBe(3);
  for (let more = 3; more < 10; more++) await turn();
  expect(bits).toBe(10);
});
