import { expect, it } from "vitest";
import { endurance, growth } from "./endurance.ts";

it("answers 100,000 requests, fresh and reused, without taking more and more memory or files", async () => {
  const { failed, memory, files } = await endurance(100_000);
  expect(failed).toBe(0);
  expect(growth(memory)).toBeLessThan(30);
  expect(growth(files)).toBeLessThan(10);
});
