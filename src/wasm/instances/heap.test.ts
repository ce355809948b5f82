import { getHeapStatistics } from "node:v8";
import { afterEach, expect, it } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import { usualCounts, type ComponentPlan } from "../../model/plan/index.ts";
import { ComponentScope, Guest } from "../host/index.ts";
import { heapChunk } from "../rewrite/names.ts";
import { grantHeap, grantKept, isWorn, returnHeap, returnKept, takeHeap } from "./heap.ts";

const mebibyte = 1 << 20;
const guests: Guest[] = [];
afterEach(() => guests.splice(0).forEach((guest) => returnHeap(guest)));

function scopeOf(memory: number): ComponentScope {
  const limits = { memory, cpu: 50, wall: 1000, requestBody: 1, responseBody: 1, ...usualCounts };
  const plan = { id: "default/a", isolation: "request", limits, config: {} } as unknown as ComponentPlan;
  return new ComponentScope(plan, {
    logger: loggerTo(() => {}),
    config: new Map(),
    fetch: () => Promise.reject(new Error("none")),
  });
}

function guestOf(scope: ComponentScope): Guest {
  const guest = new Guest(scope);
  guests.push(guest);
  return guest;
}

/** Bytes that are granted until no more are. */
function all(guest: Guest): number {
  let bytes = 0;
  while (grantHeap(guest)) bytes += heapChunk;
  return bytes;
}

it("grants an eighth of the memory limit, then ends the guest and says why", () => {
  const guest = guestOf(scopeOf(64 * mebibyte));
  expect(all(guest)).toBe(8 * mebibyte);
  expect(guest.failure).toMatchObject({
    code: "component-memory",
    message: "made objects of more than 8388608 bytes, an eighth of its memory limit",
  });
});

it("grants it anew once the instance is gone, and takes a reused one for worn at half of it", () => {
  const guest = guestOf(scopeOf(64 * mebibyte));
  for (let chunk = 0; chunk < 64; chunk++) grantHeap(guest);
  expect(isWorn(guest)).toBe(false);
  grantHeap(guest);
  expect(isWorn(guest)).toBe(true);
  expect(returnHeap(guest)).toBe(65 * heapChunk);
  expect(isWorn(guest)).toBe(false);
  expect(all(guest)).toBe(8 * mebibyte);
});

it("counts what an instance begins with, and starts none that begins with too much", () => {
  const guest = guestOf(scopeOf(64 * mebibyte));
  takeHeap(guest, 3 * mebibyte);
  expect(all(guest)).toBe(5 * mebibyte);
  expect(() => takeHeap(guestOf(scopeOf(64 * mebibyte)), 9 * mebibyte)).toThrow(
    expect.objectContaining({ code: "component-unsupported", remedy: expect.stringContaining("72Mi") }),
  );
});

it("gives one component a quarter of the engine's heap at most, and all together half", () => {
  const half = getHeapStatistics().heap_size_limit / 2;
  const [one, two, three] = [scopeOf(4096 * mebibyte), scopeOf(4096 * mebibyte), scopeOf(4096 * mebibyte)];
  const taken = (scope: ComponentScope): number => {
    for (let n = 0; n < 20; n++) all(guestOf(scope));
    return scope.heapTaken;
  };
  expect(Math.abs(taken(one) - half / 2)).toBeLessThanOrEqual(heapChunk);
  expect(Math.abs(taken(two) - half / 2)).toBeLessThanOrEqual(2 * heapChunk);
  expect(taken(three)).toBeLessThanOrEqual(2 * heapChunk);
  expect(() => takeHeap(guestOf(three), 64 * mebibyte)).toThrow(expect.objectContaining({ code: "overloaded" }));
  expect(guests.at(-2)!.failure).toMatchObject({
    code: "component-memory",
    message: expect.stringContaining("others"),
  });
});

it("counts what the host keeps for a guest like its objects, in chunks, until its instance goes", () => {
  const guest = guestOf(scopeOf(64 * mebibyte));
  guest.makeRoom = (bytes) => grantKept(guest, bytes);
  guest.keeps(heapChunk - 1);
  expect(guest.heapTaken).toBe(0);
  guest.keeps(1);
  expect(guest.heapTaken).toBe(heapChunk);
  expect(() => guest.keeps(8 * mebibyte)).toThrow(
    expect.objectContaining({
      code: "component-memory",
      message: "had the host keep headers, texts and values of more than 8388608 bytes, an eighth of its memory limit",
    }),
  );
  guest.keeps(heapChunk - 1);
  returnHeap(guest);
  // What was not asked for yet is forgotten with the rest.
  guest.keeps(1);
  expect(guest.heapTaken).toBe(0);
});

it("gives back what the host kept where an instance goes on without it, and not what it made", () => {
  const guest = guestOf(scopeOf(64 * mebibyte));
  guest.makeRoom = (bytes) => grantKept(guest, bytes);
  grantHeap(guest);
  for (let request = 0; request < 10_000; request++) {
    guest.keeps(3000);
    returnKept(guest);
  }
  guest.keeps(5 * mebibyte);
  expect(isWorn(guest)).toBe(true);
  returnKept(guest);
  expect([guest.heapTaken, guest.component.heapTaken, isWorn(guest)]).toEqual([heapChunk, heapChunk, false]);
  expect(returnHeap(guest)).toBe(heapChunk);
});
