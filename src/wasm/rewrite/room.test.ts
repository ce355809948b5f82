import { describe, expect, it } from "vitest";
import { decodeModule } from "../binary/index.ts";
import { wat } from "../testkit/index.ts";
import { rewrite } from "./index.ts";

/** So many functions, of which each stores so many words. */
async function shortOf(functions: number, stores: number, reset: boolean): Promise<{ short: number; all: number }> {
  const store = "(i32.store (local.get 0) (local.get 1)) (local.set 0 (i32.load (local.get 0)))";
  const one = `(func (param i32 i32) ${store.repeat(stores)})`;
  const plain = decodeModule(await wat(`(module (memory 1) ${one.repeat(functions)})`));
  const bytes = rewrite(plain, { reset });
  expect(WebAssembly.validate(bytes)).toBe(true);
  const { bodies } = decodeModule(bytes);
  return { short: bodies.filter(({ start, end }) => end - start < 50).length, all: bodies.length };
}

describe("room for what V8 makes part of functions", () => {
  it.each([false, true])("makes half of all functions short ones, with marks: %s", async (reset) => {
    const { short, all } = await shortOf(40, 20, reset);
    expect(short / all).toBeGreaterThanOrEqual(0.5);
    expect(all).toBeLessThan(100);
  });

  it("adds nothing where most functions are short already", async () => {
    const { all } = await shortOf(40, 1, true);
    // Five that ask, and five that keep, restore, grow and mark.
    expect(all).toBe(40 + 10);
  });
});
