import { describe, expect, it } from "vitest";
import { sameAgain, tryAll } from "./check.ts";
import { coreModules, wasmOf } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { damaged } from "./mutate.ts";
import { packaged, seeds } from "./seeds.ts";

/** Seconds of `npm test`; for longer there is `npm run fuzz`. */
const seconds = 8;

describe("modules and components that are damaged", () => {
  it("are taken or refused with a reason, in bounded time and memory", async () => {
    const { inputs, taken, programs, findings } = await fuzz({ seeds: await seeds(), first: 1, seconds });
    expect(findings).toEqual([]);
    // On the slowest machine it is some hundreds; none at all would mean that nothing was tried.
    expect(inputs).toBeGreaterThan(20);
    expect(taken).toBeLessThan(inputs);
    expect(programs).toBeGreaterThanOrEqual(0);
  });

  it("are the same for the same number", async () => {
    const files = await seeds();
    for (const seed of [1, 77, 123_456]) expect(damaged(files, seed)).toEqual(damaged(files, seed));
  });

  it("are taken as they are before they are damaged", async () => {
    const refused: number[] = [];
    for (const [i, bytes] of (await seeds()).entries()) if (!tryAll(bytes)) refused.push(i);
    expect(refused).toEqual([]);
  });
});

it("decodes and encodes every module of the installed packages byte for byte", () => {
  let modules = 0;
  for (const path of packaged()) {
    for (const module of coreModules(wasmOf(path) ?? Buffer.of())) {
      modules++;
      expect(() => sameAgain(module), path).not.toThrow();
    }
  }
  expect(modules).toBeGreaterThan(10);
});
