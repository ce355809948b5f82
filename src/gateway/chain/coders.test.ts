import { expect, it } from "vitest";
import { coderBytes, Coders } from "./coders.ts";

it("begins no more coders than there is memory for, and others once some are over", async () => {
  const coders = new Coders(3 * 1024 ** 2);
  const all = Array.from({ length: 10 }, () => coders.begin("br"));
  expect(all.filter((coder) => coder !== undefined).length).toBe(2);
  expect(coders.begin("zstd")).toBeUndefined();
  const [first, second] = all;
  first?.destroy();
  // To its end, as most go.
  second?.resume().end("x");
  await expect.poll(() => coders.begin("zstd")).toBeDefined();
  await expect.poll(() => coders.begin("gzip")).toBeDefined();
});

it("have a part of the memory", () => {
  expect(coderBytes(2, 24 * 1024 ** 3)).toBe(1024 ** 3);
  expect(coderBytes(4, 1024 ** 3)).toBe(32 * 1024 ** 2);
  expect(coderBytes(8, 64 * 1024 ** 2)).toBe(16 * 1024 ** 2);
});
