import { expect, it } from "vitest";
import { fuzzPuppets } from "./puppets.ts";

/** Seconds of `npm test`; for longer there is `npm run fuzz -- --puppets`. */
const seconds = 5;

it("guests of WASI 0.3 that call anything with anything end their own requests, by no error of the host", async () => {
  const { runs, answered, findings } = await fuzzPuppets({ first: 1, seconds });
  expect(findings).toEqual([]);
  // On the slowest machine it is some hundreds; none at all would mean that nothing was tried.
  expect(runs).toBeGreaterThan(20);
  expect(answered).toBeGreaterThan(5);
});
