import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mostBytes, sha256OfFew } from "./sha256.ts";

const expected = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("says what SHA-256 says, one input after the other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
      expect(sha256OfFew(bytes).toString("hex")).toBe(expected(bytes));
    }),
    { numRuns: 200 },
  );
});

test("every length around the ends of blocks, and the largest", () => {
  const bytes = Uint8Array.from({ length: mostBytes }, (_, i) => (i * 31) >> 3);
  for (const length of [...Array.from({ length: 260 }, (_, i) => i), mostBytes - 1, mostBytes]) {
    const part = bytes.subarray(0, length);
    expect(sha256OfFew(part).toString("hex")).toBe(expected(part));
  }
});
