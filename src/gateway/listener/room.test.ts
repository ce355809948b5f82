import { expect, it } from "vitest";
import { connectionsFor, Room } from "./room.ts";

it("leaves files for everything that is no client's connection", () => {
  expect(connectionsFor(2, 20_000)).toBe(6000);
  expect(connectionsFor(1, 1024)).toBe(614);
  expect(connectionsFor(4, 256)).toBe(64);
  expect(connectionsFor(2, 1_048_576)).toBe(20_000);
  expect(connectionsFor(2)).toBeGreaterThan(63);
});

it("asks who has the most for room first, and then the others", () => {
  const room = new Room(5);
  const asked: string[] = [];
  const user = (name: string, held: number, gives: boolean) => ({ held, makeRoom: () => (asked.push(name), gives) });
  const few = user("few", 1, true);
  room.enter(few);
  room.enter(user("many", 3, false));
  expect([room.admits(), asked]).toEqual([true, []]);
  room.enter(user("more", 4, false));
  expect([room.admits(), asked]).toEqual([true, ["more", "many", "few"]]);
  room.leave(few);
  expect(room.admits()).toBe(false);
});
