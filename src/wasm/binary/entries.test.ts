import { describe, expect, it } from "vitest";
import { decodeComponent, decodeModule, Writer } from "./index.ts";

const moduleHeader = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const componentHeader = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

/** A file of one section with so many of the same entries. */
function listOf(id: number, entry: readonly number[], count: number): Uint8Array {
  const content = new Writer().u32(count);
  for (let n = count; n > 0; n--) content.raw(Uint8Array.from(entry));
  const out = new Writer().raw(Uint8Array.from(moduleHeader)).u8(id).u32(content.length);
  return Uint8Array.from(out.raw(content.view()).view());
}

const tooMany = expect.objectContaining({
  code: "component-malformed",
  message: expect.stringContaining("at most 4000000 entries of lists in all"),
});

describe("lists without end", () => {
  // As objects they would be gigabytes, of files that may have a hundred megabytes.
  it.each<[string, number, number[]]>([
    ["types", 1, [0x60, 0, 0]],
    ["memories", 5, [0, 1]],
    ["tables", 4, [0x70, 0, 1]],
    ["globals", 6, [0x7f, 1, 0x41, 0, 0x0b]],
    ["element segments", 9, [1, 0, 0]],
  ])("are refused in core modules: %s", (_, id, entry) => {
    const bytes = listOf(id, entry, 1000);
    expect(() => decodeModule(bytes, 0, { left: 1000 })).toThrow(tooMany);
    expect(() => decodeModule(bytes)).not.toThrow();
  });

  it("are refused where each is short: custom sections", () => {
    const customs = Array.from({ length: 1001 }, () => [0, 1, 0]).flat();
    const bytes = Uint8Array.from([...moduleHeader, ...customs]);
    expect(() => decodeModule(bytes, 0, { left: 1000 })).toThrow(tooMany);
    expect(() => decodeModule(bytes)).not.toThrow();
  });

  it("are refused in types of components", () => {
    const cases = Buffer.alloc(2 * 4_000_001, Uint8Array.of(1, 0x61));
    const type = new Writer(cases.length + 20).u32(1).u8(0x6d).u32(4_000_001).raw(cases);
    const file = new Writer(cases.length + 40).raw(Uint8Array.from(componentHeader)).u8(7).u32(type.length);
    expect(() => decodeComponent(Uint8Array.from(file.raw(type.view()).view()))).toThrow(tooMany);
  });

  it("count together in a component: each core module takes of what others have left", () => {
    const module = listOf(5, [0, 1], 600);
    const file = new Writer().raw(Uint8Array.from(componentHeader));
    for (let n = 2; n > 0; n--) file.u8(1).u32(module.length).raw(module);
    const modules = decodeComponent(Uint8Array.from(file.view())).definitions.filter(
      (found) => found.kind === "core-module",
    );
    const entries = modules[0]!.entries;
    expect(modules[1]!.entries).toBe(entries);
    entries.left = 1000;
    expect(() => decodeModule(modules[0]!.bytes, 0, entries)).not.toThrow();
    expect(() => decodeModule(modules[1]!.bytes, 0, entries)).toThrow(tooMany);
  });
});
