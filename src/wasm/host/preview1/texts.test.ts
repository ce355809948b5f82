import fc from "fast-check";
import { expect, test } from "vitest";
import type { Guest } from "../guest.ts";
import { GuestMemory } from "../memory.ts";
import { preview1 } from "./index.ts";

const { functions } = preview1["wasi_snapshot_preview1"]!;
/** Where what is asked for goes; nothing of it is aligned by chance. */
const [countAt, sizeAt, pointersAt, textsAt] = [0, 4, 1024, 8191];

function guestWith(world: object): { guest: Guest; memory: GuestMemory } {
  const fail = (code: string, message: string) => new Error(`${code}: ${message}`);
  const guest = { command: world, fail, nested: 0, worked() {}, surfaced() {} } as unknown as Guest;
  const lowering = { memory: new WebAssembly.Memory({ initial: 1 }), realloc: undefined };
  return { guest, memory: new GuestMemory(guest, lowering) };
}

/** As a program's start does it: how much there is, then all of it. */
function ask(kind: "args" | "environ", { guest, memory }: ReturnType<typeof guestWith>): string[] {
  const call = (name: string, ...at: number[]) => functions[name]!.bind(guest, memory)(...(at as never[]));
  expect(call(`${kind}_sizes_get`, countAt, sizeAt)).toBe(0);
  expect(call(`${kind}_get`, pointersAt, textsAt)).toBe(0);
  const { bytes, view } = memory;
  const count = view.getUint32(countAt, true);
  const found = Array.from({ length: count }, (_, i) => {
    const at = view.getUint32(pointersAt + i * 4, true);
    return bytes.toString("utf8", at, bytes.indexOf(0, at));
  });
  expect(view.getUint32(sizeAt, true)).toBe(found.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0));
  return found;
}

const text = fc
  .string({ unit: "grapheme", maxLength: 20 })
  .filter((each) => !each.includes("\0") && each.isWellFormed());

test("arguments come as they are, empty ones too", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (args) => {
      expect(ask("args", guestWith({ args, environment: [] }))).toEqual(args);
    }),
  );
});

test("variables come as NAME=VALUE", () => {
  const environment = [
    ["A", "b=c"],
    ["Ö", ""],
  ];
  expect(ask("environ", guestWith({ args: [], environment }))).toEqual(["A=b=c", "Ö="]);
});

test("a place outside of the memory ends the guest", () => {
  const { guest, memory } = guestWith({ args: ["long enough"], environment: [] });
  const get = functions["args_get"]!.bind(guest, memory) as (pointers: number, buffer: number) => number;
  expect(() => get(0, 65_530)).toThrow(/outside of the memory/);
  expect(() => get(65_534, 0)).toThrow(/outside of the memory/);
});
