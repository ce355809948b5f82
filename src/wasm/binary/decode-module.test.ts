import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { wat } from "../testkit/index.ts";
import { decodeModule, encodeModule } from "./index.ts";

/** Real core modules that packages here carry: Rust, from 100 kB to several MB. */
async function corpus(): Promise<{ name: string; bytes: Uint8Array }[]> {
  const folder = fileURLToPath(new URL("../obj/", import.meta.resolve("@bytecodealliance/jco")));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".wasm"));
  return Promise.all(names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(folder, name))) })));
}

describe("decodeModule", () => {
  it("reads and writes real modules byte for byte", async () => {
    const found = await corpus();
    expect(found.length).toBeGreaterThan(2);
    for (const { name, bytes } of found) {
      expect(Buffer.compare(encodeModule(decodeModule(bytes)), bytes), name).toBe(0);
    }
  });

  it("keeps padded numbers and unknown custom sections", async () => {
    const plain = await wat(`(module (func))`);
    const padded = Uint8Array.from([...plain.subarray(0, 8), 0, 0x84, 0x80, 0, 1, 0x61, 9, 9, ...plain.subarray(8)]);
    expect(encodeModule(decodeModule(padded))).toEqual(padded);
  });

  it("finds types, imports, tables, elements and exports", async () => {
    const module = decodeModule(
      await wat(`(module $m
        (import "a" "f" (func (param i64) (result f32))) (import "a" "m" (memory 1 3)) (import "a" "g" (global (mut i32)))
        (table $t 2 5 funcref) (global funcref (ref.func 0)) (tag $e (param i32))
        (func $own (export "own") (nop)) (elem (table $t) (i32.const 1) func $own 0) (start $own))`),
    );
    expect(module.imports.map(({ name, kind, index }) => ({ name, kind, index }))).toEqual([
      { name: "f", kind: "func", index: 0 },
      { name: "m", kind: "memory", index: 0 },
      { name: "g", kind: "global", index: 0 },
    ]);
    expect(module.types[0]).toEqual({ params: [0x7e], results: [0x7d] });
    expect(module.memories[0]).toMatchObject({ minimum: 1, maximum: 3 });
    expect(module.tables[0]).toMatchObject({ minimum: 2, maximum: 5 });
    expect(module.elements).toEqual([{ mode: "active", table: 0, offset: 1, functions: [1, 0] }]);
    expect(module).toMatchObject({ name: "m", globals: 2, tags: [1], start: 1, referenced: [0], importedFunctions: 1 });
  });

  it("finds what takes room in the engine's heap, and what may hold it", async () => {
    const of = async (fields: string) =>
      decodeModule(
        await wat(`(module
      (type $s (struct (field (mut i32)) (field i8) (field (ref null $s)) (field v128))) (type $a (array (mut i16))) (type $e (array (mut exnref)))
      (type $f (func)) ${fields})`),
      );
    const { objects } = await of("");
    expect(objects).toEqual([
      { kind: "struct", fields: 4, bytes: 16 + 4 + 4 + 8 + 16 },
      { kind: "array", fields: 0, bytes: 2 },
      { kind: "array", fields: 0, bytes: 8 },
    ]);
    const made = `(global $n i32 (i32.sub (i32.const 105) (i32.const 5))) (global (ref $a) (array.new_default $a (global.get $n)))
      (elem (ref $s) (item (struct.new $s (i32.const 1) (i32.const 2) (struct.new_default $s) (v128.const i64x2 1 2))))
      (table 3 (ref $a) (array.new_fixed $a 2 (i32.const 1) (i32.const 2)))`;
    expect((await of(made)).initialObjects).toBe(24 + 200 + 48 + 48 + 24 + 4);
    expect(
      (await of(`(import "a" "n" (global $n i32)) (global (ref $a) (array.new_default $a (global.get $n)))`))
        .initialObjects,
    ).toBe(Infinity);
    for (const [type, holds] of [
      ["(ref null $s)", true],
      ["anyref", true],
      ["externref", true],
      ["(ref null eq)", true],
      ["arrayref", true],
      ["(ref null $f)", false],
      ["funcref", false],
      ["i31ref", false],
      ["nullref", false],
      ["exnref", false],
    ] as const) {
      const [held, heldByTable] = [
        await of(`(import "a" "g" (global ${type}))`),
        await of(`(table 1 ${type.replace("(ref ", "(ref ")})`),
      ];
      expect([type, held.holdsObjects, heldByTable.holdsObjects]).toEqual([type, holds, holds]);
    }
    expect((await of("")).holdsExceptions).toBe(true);
  });

  it.each([
    ["nothing", [], /byte 0, module header: expected a core module/],
    ["a text file", [...Buffer.from("hello wasm")], /byte 0, module header/],
    [
      "a section that is longer than the file",
      [1, 9, 0],
      /byte 10, module header: expected 9 bytes of type section, got only 1/,
    ],
    ["an unknown section", [77, 0], /byte 8, module header: expected a section, got id 77/],
    ["sections in the wrong order", [3, 1, 0, 1, 1, 0], /byte 11, module header: expected the type section earlier/],
    [
      "more types than bytes",
      [1, 2, 0xff, 0x01],
      /byte 10, type section: expected at most 0 bytes of types, got a count of 255/,
    ],
    [
      "a number that is too long",
      [1, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
      /byte 10, type section: expected the number of types of 32 bits/,
    ],
    ["a function without a body", [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0], /expected 1 function bodies, got 0/],
    [
      "a function without a type",
      [3, 2, 1, 0],
      /byte 11, function section: expected the index of a function type, got 0/,
    ],
    ["bytes behind the end of a section", [3, 2, 0, 0], /expected the end of the function section, got 1 more bytes/],
  ])("refuses %s", (what, rest, message) => {
    const head = what === "nothing" || what === "a text file" ? [] : [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    expect(() => decodeModule(Uint8Array.from([...head, ...rest]))).toThrow(
      expect.objectContaining({ code: "component-malformed", message: expect.stringMatching(message) }),
    );
  });
});
