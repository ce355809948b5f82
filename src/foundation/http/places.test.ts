import { expect, it } from "vitest";
import { isInPlace, keepPiece, mostLent, returnPiece } from "./places.ts";

it("a large piece gets a place, which the next one gets when it is given back, and not before", () => {
  const first = keepPiece(Buffer.alloc(40_000, "a"));
  const second = keepPiece(Buffer.alloc(mostLent, "b"));
  expect([first.toString().replaceAll("a", ""), second.length, isInPlace(first)]).toEqual(["", mostLent, true]);
  expect(second.buffer).not.toBe(first.buffer);
  returnPiece(first);
  returnPiece(first.subarray(5));
  const [third, fourth] = [keepPiece(Buffer.alloc(50_000, "c")), keepPiece(Buffer.alloc(50_000, "d"))];
  expect([third.buffer === first.buffer, fourth.buffer === first.buffer]).toEqual([true, false]);
  expect([third.length, third[49_999], fourth[0]]).toEqual([50_000, 99, 100]);
});

it("small pieces, and those that nobody lends, have memory of their own", () => {
  for (const size of [0, 1, 4096, mostLent / 2 - 1, mostLent + 1]) {
    const piece = Buffer.alloc(size, "x");
    const kept = keepPiece(piece);
    piece.fill(0);
    returnPiece(kept);
    expect([kept.length, isInPlace(kept), kept.every((byte) => byte === 120)]).toEqual([size, false, true]);
  }
});
