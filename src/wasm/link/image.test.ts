import { expect, test } from "vitest";
import { compiledOf, placeOf } from "../testkit/place.ts";
import { wat } from "../testkit/wat.ts";
import { Images } from "./image.ts";

const text = (data: string) => `(module (memory 20) (global $at i32 (i32.const 200000)) ${data}
  (func (export "set") (param $at i32) (param $to i32) (i32.store8 (local.get $at) (local.get $to)))
  (func (export "get") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
  (func $start (i32.store8 (i32.const 1000000) (i32.const 5))) (start $start))`;
const constants = '(data (i32.const 100) "ab") (data (i32.const 70000) "c") (data "passive")';
const others = `${constants} (data (global.get $at) "d")`;
const filled: [at: number, byte: number][] = [[100, 97], [101, 98], [70_000, 99], [1_000_000, 5]]; // prettier-ignore

test("what modules write when they start is known where constants say it", async () => {
  const known = compiledOf(await wat(text(constants))).manifest.memories[0]!.data;
  expect(known).toEqual([[100, 102], [70_000, 70_001]]); // prettier-ignore
  expect(compiledOf(await wat(text(others))).manifest.memories[0]!.data).toBeUndefined();
});

test.each([
  ["by constants", constants, filled],
  ["by other means", others, [...filled, [200_000, 100] as const]],
])("a reset goes back to what was written at the start %s, and to zero, each time", async (_, data, written) => {
  const { place, start } = placeOf(compiledOf(await wat(text(data))));
  const { get, set } = start() as { get: (at: number) => number; set: (at: number, to: number) => void };
  place.keep();
  const zero = [0, 99, 102, 60_000, 69_000, 71_100, 500_000, 999_000, 1_001_300, 1_310_719];
  for (let time = 0; time < 6; time++) {
    for (const at of [...written.map(([at]) => at), ...zero]) set(at, 77);
    // Many at once, too.
    if (time === 1) for (let at = 300_000; at < 400_000; at += 1000) set(at, 77);
    expect(place.reset()).toBe(true);
    for (const [at, byte] of written) expect([at, get(at)]).toEqual([at, byte]);
    for (const at of [...zero, 300_000, 399_000]) expect([at, get(at)]).toEqual([at, 0]);
    expect(place.clean).toBe(true);
  }
});

test("what was kept a second time, after more was written, is all of it", async () => {
  const { place, start } = placeOf(compiledOf(await wat(text(constants))));
  const { get, set } = start() as { get: (at: number) => number; set: (at: number, to: number) => void };
  place.keep();
  set(600_000, 8);
  place.keep();
  for (const at of [100, 600_000, 1_000_000]) set(at, 77);
  expect(place.reset()).toBe(true);
  expect([get(100), get(600_000), get(1_000_000)]).toEqual([97, 8, 5]);
});

test("images begin and end where something is, and are shared by places that hold the same", () => {
  const images = new Images();
  const content = new Uint8Array(20 * 65_536);
  content.fill(1, 1_000_000, 1_000_010);
  const first = images.of(content, [[1_000_000, 1_000_010]]);
  expect(first.memory.buffer.byteLength).toBe(65_536);
  expect(images.of(content.slice(), [[1_000_000, 1_000_010]])).toBe(first);
  content[1_000_001] = 2;
  expect(images.of(content, [[1_000_000, 1_000_010]])).not.toBe(first);
  expect(images.of(new Uint8Array(65_536)).memory.buffer.byteLength).toBe(0);
});

test("an image may begin beyond 2 GiB", () => {
  const far = 2 ** 31 + 70_000;
  const content = new Uint8Array(new WebAssembly.Memory({ initial: 32_771 }).buffer);
  content[far] = 1;
  const { memory, start } = new Images().of(content, [[far, far + 1]]);
  expect([memory.buffer.byteLength, start, new Uint8Array(memory.buffer)[far - start]]).toEqual([
    65_536,
    far - (far % 4096),
    1,
  ]);
});
