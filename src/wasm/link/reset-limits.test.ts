import { describe, expect, it } from "vitest";
import { compiledOf, expectSame, placeOf, state, wat } from "../testkit/index.ts";
import { marks } from "../rewrite/marks/layout.ts";
import { freeRoom } from "./habits.ts";
import type { Place } from "./place.ts";

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

  it("is undone bit by bit where so much was written that copying it back would take long", async () => {
    const bytes = await wat(
      `(module (memory 400) (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0))))`,
    );
    const { place, memories, start } = placeOf(compiledOf(bytes));
    const fill = start()["fill"] as (size: number) => void;
    place.keep();
    const filled = (): number => Buffer.from(memories[0]!.buffer).reduce((sum, byte) => sum + (byte === 0 ? 0 : 1), 0);
    fill(300 << marks.pageShift);
    expect([place.reset(300), place.clean, filled()]).toEqual([true, false, 0]);
    place.wash(1);
    expect(place.clean).toBe(true);
    fill(1000 << marks.pageShift);
    expect([place.reset(300), place.clean]).toEqual([true, false]);
    // A part goes back with what lies around it.
    expect(filled()).toBe((700 << marks.pageShift) - marks.slack);
    place.wash(300);
    expect([place.clean, filled()]).toEqual([false, (400 << marks.pageShift) - marks.slack]);
    for (let turns = 0; !place.clean; turns++) {
      expect(turns).toBeLessThan(4);
      place.wash(200);
    }
    expect(filled()).toBe(0);
    fill(100);
    expect([place.reset(), place.clean, filled()]).toEqual([true, true, 0]);
  });

  it("holds memory for guests that grow far as long as there is room on the thread", async () => {
    const bytes = await wat(
      `(module (memory 1) (func (export "grow") (param i32) (drop (memory.grow (local.get 0)))))`,
    );
    const compiled = compiledOf(bytes);
    const grown = (pages: number): { undone: boolean; place: Place } => {
      const { place, start } = placeOf(compiled);
      const grow = start()["grow"] as (pages: number) => void;
      place.keep();
      grow(pages);
      return { undone: place.reset(), place };
    };
    for (let habit = 0; habit < 3; habit++) expect(grown(300).undone).toBe(false);
    const [small, large] = [grown(256), grown(freeRoom + 700)];
    expect([small.undone, small.place.held, large.undone, large.place.held]).toEqual([true, 0, true, 700]);
    const more = Array.from({ length: 10 }, () => grown(freeRoom + 700));
    const fitting = more.filter(({ undone }) => undone);
    expect(fitting.length).toBeLessThan(10);
    expect(fitting.length).toBe(more.findIndex(({ undone }) => !undone));
    // Who gives back what it held makes room for another.
    expect(large.place.close()).toBeGreaterThan(700 << 16);
    expect([grown(freeRoom + 700).undone, grown(freeRoom + 700).undone]).toEqual([true, false]);
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
