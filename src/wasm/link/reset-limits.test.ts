import { describe, expect, it } from "vitest";
import { compiledOf, expectSame, placeOf, state, wat } from "../testkit/index.ts";
import { marks } from "../rewrite/marks/layout.ts";
import { mostRestored } from "./restorer.ts";

describe("what cannot be undone", () => {
  it.each([
    ["table.set", `(table.set (i32.const 0) (ref.null func))`],
    ["table.grow", `(drop (table.grow (ref.null func) (i32.const 1)))`],
    ["table.fill", `(table.fill (i32.const 0) (ref.null func) (i32.const 1))`],
    ["table.copy", `(table.copy (i32.const 0) (i32.const 1) (i32.const 1))`],
    ["table.init", `(table.init $e (i32.const 0) (i32.const 0) (i32.const 1))`],
    ["elem.drop", `(elem.drop $e)`],
    ["data.drop", `(data.drop $d)`],
  ])("asks for a new instance: %s", async (_, code) => {
    const bytes = await wat(
      `(module (memory 1) (table 2 funcref) (elem $e func $f) (data $d "x") (func $f (export "f") ${code}) (func (export "g")))`,
    );
    const { place, start } = placeOf(compiledOf(bytes));
    const run = (): Record<string, () => void> => start() as Record<string, () => void>;
    const exports = run();
    place.keep();
    exports["g"]!();
    expect(place.reset()).toBe(true);
    exports["f"]!();
    expect(place.reset()).toBe(false);
    expect(place.reset()).toBe(false);
    run();
    place.keep();
    expect(place.reset()).toBe(true);
  });

  it("asks for a new instance where so much was written that copying it back would take long", async () => {
    const bytes = await wat(
      `(module (memory 400) (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0))))`,
    );
    const { place, memories, start } = placeOf(compiledOf(bytes));
    const fill = start()["fill"] as (size: number) => void;
    place.keep();
    fill(mostRestored << marks.pageShift);
    expect(place.reset()).toBe(true);
    expect(Buffer.from(memories[0]!.buffer).every((byte) => byte === 0)).toBe(true);
    fill((mostRestored + 1) << marks.pageShift);
    expect(place.reset()).toBe(false);
  });

  it("holds no memory for guests that grow far", async () => {
    const bytes = await wat(
      `(module (memory 1) (func (export "grow") (param i32) (drop (memory.grow (local.get 0)))))`,
    );
    const compiled = compiledOf(bytes);
    for (let instance = 0; instance < 6; instance++) {
      const { place, memories, start } = placeOf(compiled);
      const grow = start()["grow"] as (pages: number) => void;
      place.keep();
      expect(memories[0]!.buffer.byteLength).toBe(65_536);
      grow(300);
      expect(place.reset()).toBe(false);
    }
    // Nor for those that come there in steps.
    const { place, start } = placeOf(compiled);
    const grow = start()["grow"] as (pages: number) => void;
    place.keep();
    const answers = [100, 200, 250, 260].map((pages) => (grow(pages), place.reset()));
    expect(answers).toEqual([true, true, true, false]);
  });

  it("lets a memory that grew be small again for the guest, with room ahead where that is its habit", async () => {
    const bytes = await wat(`(module (memory (export "memory") 1 50)
      (func (export "size") (result i32) memory.size) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.mul (memory.size) (i32.const 65536)))))`);
    const compiled = compiledOf(bytes);
    const answers: boolean[] = [];
    for (let instance = 0; instance < 6; instance++) {
      const { place, memories, start } = placeOf(compiled);
      const exports = start() as Record<string, (pages?: number) => number>;
      place.keep();
      const before = state(exports, memories);
      for (let request = 0; request < 3; request++) {
        expect(exports["size"]!()).toBe(1);
        expect(exports["grow"]!(9)).toBe(1);
        expect([exports["size"]!(), exports["grow"]!(41), exports["grow"]!(-1)]).toEqual([10, -1, -1]);
        exports["fill"]!();
        const undone = place.reset();
        answers.push(undone);
        if (!undone) break;
        expectSame(state(exports, memories), { ...before, memories: [before.memories[0]!.subarray(0, 65_536)] });
        expect(memories[0]!.buffer.byteLength).toBe(10 * 65_536);
      }
    }
    expect(answers).toEqual([false, false, false, ...Array.from({ length: 9 }, () => true)]);
  });
});
