import { expect, it } from "vitest";
import { exportedInstead, listedFunctions } from "./failure.ts";

it("lists functions as they are, and by interface where they are many", () => {
  expect(listedFunctions(["a:b/c@1.0.0#f", "a:b/c@1.0.0#g"])).toBe("a:b/c@1.0.0#f, a:b/c@1.0.0#g");
  const many = [..."abcdefgh"].map((name) => `a:b/c@1.0.0#${name}`);
  expect(listedFunctions([...many, "d:e/f#x"])).toBe("a:b/c@1.0.0 (8 functions), d:e/f (1 function)");
});

it("says what is exported instead, once for each interface", () => {
  expect(exportedInstead(["a:b/c#f", "a:b/c#g", "hello"])).toBe(", only a:b/c, hello");
  expect(exportedInstead([])).toBe("");
});
