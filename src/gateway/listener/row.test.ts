import fc from "fast-check";
import { expect, it } from "vitest";
import { Row, type Standing } from "./row.ts";

class One implements Standing<One> {
  ahead: One | undefined;
  behind: One | undefined;
}

it("is what a set would be, in the same order, whoever enters, leaves and goes to the end", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ who: fc.nat(6), leaves: fc.boolean() })), (steps) => {
      const all = Array.from({ length: 7 }, () => new One());
      const row = new Row<One>();
      const set = new Set<One>();
      for (const { who, leaves } of steps) {
        const one = all[who] as One;
        row.leave(one);
        set.delete(one);
        if (!leaves) {
          row.enter(one);
          set.add(one);
        }
        expect([...row].map((each) => all.indexOf(each))).toEqual([...set].map((each) => all.indexOf(each)));
        expect(row.size).toBe(set.size);
      }
    }),
  );
});

it("is walked while each leaves, or goes to the end once", () => {
  const row = new Row<One>();
  const all = Array.from({ length: 5 }, () => new One());
  for (const one of all) row.enter(one);
  const seen: One[] = [];
  for (const one of row) {
    seen.push(one);
    row.leave(one);
    if (seen.length % 2 === 0 && seen.length < 5) row.enter(one);
  }
  expect(new Set(seen)).toEqual(new Set(all));
  expect(row.size).toBeLessThan(3);
});
