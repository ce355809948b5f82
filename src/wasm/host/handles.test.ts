import { expect, it } from "vitest";
import { BandstandError, type ErrorCode } from "../../foundation/errors/index.ts";
import { Handles, Resource } from "./handles.ts";

class Thing extends Resource {
  readonly kind = "thing";
  told = 0;

  override dropped(): void {
    this.told++;
  }
}

function handles(most?: number): Handles {
  return new Handles(
    { nested: 0, fail: (code: ErrorCode, message: string) => new BandstandError(code, message) },
    most,
  );
}

it("gives handles out again, and tells resources that they were dropped", () => {
  const all = handles();
  const [one, other] = [new Thing(), new Thing()];
  expect([all.add(one), all.add(other), all.size]).toEqual([1, 2, 2]);
  all.drop(1, "thing");
  expect([one.told, all.size]).toEqual([1, 1]);
  expect(() => all.get(1, "thing")).toThrow("handle 1: expected a thing, got none");
  expect([all.add(new Thing()), all.get(2, "thing")]).toEqual([1, other]);
  expect(() => all.get(2, "fields")).toThrow("handle 2: expected a fields, got a thing");
  for (const wrong of [0, -1, 3, 2 ** 31 - 1]) expect(() => all.drop(wrong, "thing")).toThrow("got none");
});

it("does not bother those who said that they need not know", () => {
  const all = handles();
  const thing = new Thing();
  all.drop(all.addAs("thing", thing, 0, false), "thing");
  expect(thing.told).toBe(0);
});

it("keeps a parent while it has children", () => {
  const all = handles();
  const parent = all.add(new Thing());
  const child = all.add(new Thing(), parent);
  expect(() => all.drop(parent, "thing")).toThrow("thing 1 is given away while its children live");
  all.drop(child, "thing");
  all.drop(parent, "thing");
  expect(all.size).toBe(0);
});

it("holds so many and no more", () => {
  const all = handles(2);
  all.add(new Thing());
  all.add(new Thing());
  expect(() => all.add(new Thing())).toThrow("more than 2 resources are held at a time");
});

it("goes back to what was kept, with families", () => {
  const all = handles();
  const [parent, child] = [new Thing(), new Thing()];
  all.add(parent);
  all.add(child, 1);
  all.drop(all.add(new Thing()), "thing");
  const kept = all.keep();
  for (let round = 0; round < 3; round++) {
    all.drop(2, "thing");
    all.drop(1, "thing");
    for (let i = 0; i < 5; i++) all.add(new Thing());
    all.reset(kept);
    expect([all.size, all.get(1, "thing"), all.get(2, "thing")]).toEqual([2, parent, child]);
    expect(() => all.drop(1, "thing")).toThrow("while its children live");
    expect(() => all.get(3, "thing")).toThrow("got none");
  }
  all.reset();
  expect([all.size, all.add(new Thing())]).toEqual([0, 1]);
});

it("lends from table to table: families stay, and what was lent is not given away", () => {
  const all = handles();
  all.use(0);
  const stream = new Thing();
  const owned = all.add(stream);
  all.use(1);
  const lent = all.lend(stream);
  const child = all.add(new Thing(), lent);
  expect(() => all.take(lent, "thing")).toThrow("was only borrowed");
  expect(all.giveBack(lent, "thing")).toBe(true);
  all.use(0);
  expect(() => all.drop(owned, "thing")).toThrow("while its children live");
  all.use(1);
  all.drop(child, "thing");
  all.use(0);
  all.drop(owned, "thing");
  expect([stream.told, all.size]).toEqual([1, 0]);
});

it("moves from table to table, and forgets what was lent when it goes back", () => {
  const all = handles();
  all.use(0);
  const parent = all.add(new Thing());
  const child = all.add(new Thing(), parent);
  const moved = all.release(child, "thing");
  all.use(1);
  const there = all.add(moved);
  all.use(0);
  expect(() => all.drop(parent, "thing")).toThrow("while its children live");
  all.use(1);
  all.lend(all.get(there, "thing"));
  all.reset();
  const [one, other] = [new Thing(), new Thing()];
  expect(all.add(one)).toBe(1);
  all.use(0);
  expect([all.add(other), all.get(1, "thing"), all.owes]).toEqual([1, other, false]);
  all.use(1);
  expect(all.get(1, "thing")).toBe(one);
});
