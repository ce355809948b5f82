import fc from "fast-check";
import { expect, test } from "vitest";
import { Texts } from "./texts.ts";

test("whatever was read before, a text is what stands there now", () => {
  const change = fc.record({
    at: fc.nat({ max: 255 }),
    byte: fc.nat({ max: 255 }),
    from: fc.nat({ max: 180 }),
    size: fc.nat({ max: 75 }),
  });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 256, maxLength: 256 }),
      fc.array(change, { maxLength: 60 }),
      (start, changes) => {
        const texts = new Texts();
        const bytes = Buffer.from(start);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        for (const { at, byte, from, size } of changes) {
          bytes[at] = byte;
          expect(texts.latin1(view, bytes, from, size)).toBe(bytes.toString("latin1", from, from + size));
          expect(texts.latin1(view, bytes, from, size)).toBe(bytes.toString("latin1", from, from + size));
          const isAscii = bytes.subarray(from, from + size).every((unit) => unit < 0x80);
          const ascii = isAscii && size <= 64 ? bytes.toString("latin1", from, from + size) : undefined;
          expect(texts.ascii(view, bytes, from, size)).toBe(ascii);
        }
      },
    ),
  );
});
