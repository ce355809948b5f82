import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isKept, nodeTime } from "./times.ts";

/** What the operating system is given of seconds. */
function kept(text: string | Date): bigint {
  const seconds = Number(text);
  const whole = Math.trunc(seconds);
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.trunc((seconds - whole) * 1e9));
}

it("times are never rounded down, and by less than a quarter of a microsecond", () => {
  const time = fc.bigInt({ min: -3_000_000_000_000_000_000n, max: 4_000_000_000_000_000_000n });
  fc.assert(
    fc.property(time, (at) => {
      const by = kept(nodeTime(at)) - at;
      expect(by).toBeGreaterThanOrEqual(0n);
      // Between 2004 and 2106, numbers of seconds lie 238 ns apart, and before 2004 closer together.
      expect(by).toBeLessThan(480n);
      expect(isKept(at)).toBe(by === 0n);
    }),
  );
});

it("whole seconds and milliseconds are still the same ones", () => {
  fc.assert(
    fc.property(fc.nat(4_000_000_000), fc.nat(999), (seconds, thousandths) => {
      const at = BigInt(seconds) * 1_000_000_000n + BigInt(thousandths) * 1_000_000n;
      expect(kept(nodeTime(at)) / 1_000_000n).toBe(at / 1_000_000n);
      if (thousandths === 0) expect(isKept(at)).toBe(true);
    }),
  );
});
