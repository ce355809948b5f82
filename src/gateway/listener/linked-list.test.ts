import fc from "fast-check";
import { expect, it } from "vitest";
import { LinkedList, type Linked } from "./linked-list.ts";

class One implements Linked<One> {
  ahead: One | undefined;
  behind: One | undefined;
}

it("is what a set would be, in the same order, whoever enters, leaves and goes to the end", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ who: fc.nat(6), leaves: fc.boolean() })), (steps) => {
      const all = Array.from({ length: 7 }, () => new One());
      const list = new LinkedList<One>();
      const set = new Set<One>();
      for (const { who, leaves } of steps) {
        const one = all[who] as One;
        list.leave(one);
        set.delete(one);
        if (!leaves) {
          list.enter(one);
          set.add(one);
        }
        expect([...list].map((each) => all.indexOf(each))).toEqual([...set].map((each) => all.indexOf(each)));
        expect(list.size).toBe(set.size);
      }
    }),
  );
});

it("is walked while each leaves, or goes to the end once", () => {
  const list = new LinkedList<One>();
  const all = Array.from({ length: 5 }, () => new One());
  for (const one of all) list.enter(one);
  const seen: One[] = [];
  for (const one of list) {
    seen.push(one);
    list.leave(one);
    if (seen.length % 2 === 0 && seen.length < 5) list.enter(one);
  }
  expect(new Set(seen)).toEqual(new Set(all));
  expect(list.size).toBeLessThan(3);
});
