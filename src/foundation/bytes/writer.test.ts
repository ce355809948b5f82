import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteWriter } from "./writer.ts";

class Writer extends ByteWriter {
  get written(): string {
    return this.area.toString("latin1", 0, this.end);
  }
}

it("writes what strings would say", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 60 }).map((text) => ({ text })),
    fc.nat({ max: 2 ** 31 - 1 }).map((number) => ({ number })),
    fc.maxSafeNat().map((number) => ({ number })),
  );
  fc.assert(
    fc.property(fc.array(part), fc.constantFrom(10, 36), (parts, radix) => {
      const writer = new Writer(Buffer.alloc(100_000));
      let expected = "";
      for (const one of parts) {
        if ("number" in one) {
          writer.number(one.number, radix);
          expected += one.number.toString(radix);
          continue;
        }
        const bytes = Buffer.from(`<${one.text}>`, "latin1");
        writer.text(one.text);
        writer.all(bytes);
        writer.bytes(bytes, 1, bytes.length);
        expected += `${one.text}<${one.text}>${one.text}>`;
      }
      expect(writer.written).toBe(expected);
    }),
  );
});

it("has as many digits as are wanted, and says where there is no room", () => {
  const writer = new Writer(Buffer.alloc(8));
  writer.number(42, 10, 6);
  expect(writer.written).toBe("000042");
  for (const much of ["abc", "a".repeat(100)]) expect(() => writer.text(much)).toThrow(RangeError);
  expect(() => writer.number(123)).toThrow(RangeError);
  expect(() => writer.all(Buffer.from("abc"))).toThrow(RangeError);
  expect(() => writer.bytes(Buffer.from("abc"), 0, 3)).toThrow(RangeError);
  expect(writer.written).toBe("000042");
});
