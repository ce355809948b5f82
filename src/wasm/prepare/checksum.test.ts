import fc from "fast-check";
import { expect, test } from "vitest";
import { checksum, summedRoom } from "./checksum.ts";
import { mostAtOnce } from "./checksum-code.ts";

const mixed = (sum: bigint, word: bigint): bigint => {
  const product = BigInt.asUintN(64, (sum ^ word) * 0x9e3779b97f4a7c15n);
  return product ^ (product >> 32n);
};

/** The same, word by word. */
function expected(bytes: Uint8Array): bigint {
  let sum = 0n;
  for (let part = 0; part < bytes.length; part += mostAtOnce) {
    const whole = new Uint8Array(Math.ceil(Math.min(bytes.length - part, mostAtOnce) / 32) * 32);
    whole.set(bytes.subarray(part, part + mostAtOnce));
    const view = new DataView(whole.buffer);
    const sums = [sum, 0n, 0n, 0n];
    for (let at = 0; at < whole.length; at += 8) {
      const lane = (at / 8) % 4;
      sums[lane] = mixed(sums[lane]!, view.getBigUint64(at, true));
    }
    sum = sums.reduce(mixed);
  }
  return sum ^ BigInt(bytes.length);
}

test("says what the same says word by word, one input after the other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(checksum(bytes)).toBe(expected(bytes));
    }),
    { numRuns: 200 },
  );
});

test.each([mostAtOnce - 1, mostAtOnce, mostAtOnce + 1, 2 * mostAtOnce + 13])("takes %i bytes in parts", (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) >> 3);
  expect(checksum(bytes)).toBe(expected(bytes));
});

test("tells every flipped bit, and zeroes behind the end", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
  const seen = new Set([checksum(bytes), checksum(new Uint8Array([...bytes, 0]))]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    seen.add(checksum(bytes));
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  expect(seen.size).toBe(2 + 2400);
});

test.each([1, 31, 32, 1000, mostAtOnce, mostAtOnce + 9, 900_000])(
  "says the same of %i bytes in its own room, and leaves them and what stands behind as they are",
  (length) => {
    const bytes = Uint8Array.from({ length: length + 40 }, (_, i) => (i * 37) >> 2);
    const room = summedRoom(bytes.length);
    for (const from of [0, 8]) {
      room.set(bytes);
      expect(checksum(room.subarray(from, length))).toBe(checksum(bytes.subarray(from, length)));
      expect(Buffer.compare(room, bytes)).toBe(0);
    }
  },
);
