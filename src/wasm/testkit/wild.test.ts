import { expect, it } from "vitest";
import { runWild } from "./wild-run.ts";

/** For more there is `npm run fuzz`, which tries others each time. */
const programs = 120;

it("modules of nearly anything do what plain ones do, and leave nothing behind", async () => {
  const ran = { reset: 0, anew: 0, none: 0 };
  for (let seed = 1; seed <= programs; seed++) ran[(await runWild(seed)) ?? "none"]++;
  expect(ran.reset).toBeGreaterThan(programs / 3);
  expect(ran.anew).toBeGreaterThan(programs / 10);
  expect(ran.none).toBeLessThan(programs / 20);
});
