import { expect, test } from "vitest";
import { hostLimits } from "../limits.ts";
import { GuestMemory } from "../memory.ts";
import { partAt } from "./values.ts";

test("a target that is too long is not even read", () => {
  const memory = Object.create(GuestMemory.prototype, {
    text: { value: (_: number, size: number) => "/".repeat(size) },
  }) as GuestMemory;
  expect(partAt(memory, 0, hostLimits.partOfHead)).toHaveLength(65_534);
  expect(partAt(memory, 0, hostLimits.partOfHead + 1)).toBeUndefined();
  expect(partAt(memory, 0, -1)).toBeUndefined();
});
