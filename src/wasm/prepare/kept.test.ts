import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anyHost, smallComponent } from "../testkit/index.ts";
import { PreparedStore } from "./index.ts";
import { readKept } from "./kept.ts";
import { sourceName } from "./source.ts";

let folder: string;
let bytes: Uint8Array;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-"));
  bytes = await smallComponent();
  const store = await PreparedStore.open(folder);
  const { digest } = await store.prepare(bytes, anyHost, "reuse");
  await store.keepSource(bytes, digest);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("reads what a store keeps, of the same bytes only", async () => {
  const kept = readKept(folder, bytes, "reuse");
  const stored = await (await PreparedStore.open(folder)).load(kept!.digest, "reuse");
  expect({ ...kept, modules: kept!.modules.map((one) => Buffer.from(one)) }).toEqual({
    ...stored,
    modules: stored!.modules.map((one) => Buffer.from(one)),
  });
  expect(readKept(folder, bytes, "request")).toBeUndefined();
  expect(readKept(folder, bytes.subarray(1), "reuse")).toBeUndefined();
});

test("compares what it finds: a checksum alone is nobody's name", async () => {
  const other = Uint8Array.from(bytes);
  other[other.length - 1]! ^= 1;
  await writeFile(join(folder, sourceName(other)), await readFile(join(folder, sourceName(bytes))));
  expect(readKept(folder, other, "reuse")).toBeUndefined();
});

test.each([
  ["the digest", (file: Buffer) => file.write("x", 20)],
  ["the source", (file: Buffer) => (file[200]! ^= 1)],
  ["its end", (file: Buffer) => file.subarray(0, 100)],
])("reads nothing where %s of a source is damaged", async (_, damage) => {
  const path = join(folder, sourceName(bytes));
  const file = await readFile(path);
  const damaged = damage(file);
  await writeFile(path, typeof damaged === "object" ? damaged : file);
  expect(readKept(folder, bytes, "reuse")).toBeUndefined();
});

test("reads nothing from a folder that others can enter", async () => {
  await chmod(folder, 0o750);
  expect(readKept(folder, bytes, "reuse")).toBeUndefined();
});

test("marks as used what was not for a day, and nothing else", async () => {
  const names = await readdir(folder);
  expect(names).toHaveLength(2);
  const ago = (hours: number) => new Date(Date.now() - hours * 3600 * 1000);
  const [hour, week] = [ago(1), ago(24 * 7)];
  await utimes(join(folder, names[0]!), hour, hour);
  await utimes(join(folder, names[1]!), week, week);
  expect(readKept(folder, bytes, "reuse")).toBeDefined();
  expect((await stat(join(folder, names[0]!))).mtimeMs).toBeCloseTo(hour.getTime(), -1);
  expect((await stat(join(folder, names[1]!))).mtimeMs).toBeGreaterThan(hour.getTime());
});
