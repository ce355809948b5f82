import * as fc from "fast-check";
import { expect, test } from "vitest";
import { renameExports } from "./exports.ts";

const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const oneType = [1, 4, 1, 0x60, 0, 0];
const oneFunction = [3, 2, 1, 0];
const oneBody = [10, 4, 1, 2, 0, 0x0b];

function sizeBytes(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, value >> 7];
}

/** A module that exports `count` functions called f0, f1, … */
function moduleWith(count: number): Uint8Array {
  const entries: number[] = [];
  for (let index = 0; index < count; index++) {
    const name = Buffer.from(`f${index}`);
    entries.push(name.length, ...name, 0, 0);
  }
  const content = [...sizeBytes(count), ...entries];
  const exports = [7, ...sizeBytes(content.length), ...content];
  return Uint8Array.from([...head, ...oneType, ...oneFunction, ...exports, ...oneBody]);
}

test("renames what is listed and keeps the rest", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.nat(),
      fc.string({ unit: "grapheme", maxLength: 300 }),
      (count, which, name) => {
        fc.pre(!/^f\d+$/.test(name));
        const index = which % count;
        const renamed = renameExports(moduleWith(count), new Map([[`f${index}`, name]]));
        const names = WebAssembly.Module.exports(new WebAssembly.Module(renamed as Uint8Array<ArrayBuffer>)).map(
          (each) => each.name,
        );
        expect(names).toEqual(Array.from({ length: count }, (_each, at) => (at === index ? name : `f${at}`)));
      },
    ),
  );
});

test("nothing to rename changes nothing", () => {
  const module = moduleWith(3);
  expect(Buffer.from(renameExports(module, new Map())).equals(module)).toBe(true);
});

test("a cut module is refused", () => {
  const module = moduleWith(3);
  expect(() => renameExports(module.subarray(0, 30), new Map([["f0", "x"]]))).toThrow("cannot be read");
});
