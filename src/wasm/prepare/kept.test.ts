import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { anyHost, smallComponent } from "../testkit/index.ts";
import { encodeEntry } from "./entry.ts";
import { PreparedStore } from "./index.ts";
import { readKept } from "./kept.ts";
import { secondSourceName, sourceName } from "./source.ts";

vi.mock("./entry.ts", { spy: true });

let folder: string;
let bytes: Uint8Array;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-"));
  bytes = await smallComponent();
  const store = await PreparedStore.open(folder);
  await store.prepareKept(bytes, anyHost, "reuse");
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

test("what is stored and kept at once is made into bytes once", async () => {
  vi.mocked(encodeEntry).mockClear();
  await rm(folder, { recursive: true });
  await (await PreparedStore.open(folder)).prepareKept(bytes, anyHost, "reuse");
  expect(encodeEntry).toHaveBeenCalledTimes(1);
  expect(readKept(folder, bytes, "reuse")).toBeDefined();
});

test("compares what it finds: its name is nobody's alone", async () => {
  const other = Uint8Array.from(bytes);
  other[other.length - 2]! ^= 1;
  expect(sourceName(other)).toBe(sourceName(bytes));
  expect(readKept(folder, other, "reuse")).toBeUndefined();

  // Both are kept, each under a name, and neither takes the place of the other.
  const store = await PreparedStore.open(folder);
  const prepared = readKept(folder, bytes, "reuse")!;
  const twin = { ...prepared, digest: `sha256:${"a".repeat(64)}` };
  await store.keepSource(other, twin);
  expect(readKept(folder, other, "reuse")?.digest).toBe(twin.digest);
  expect(readKept(folder, bytes, "reuse")?.digest).toBe(prepared.digest);
  await store.keepSource(bytes, prepared);
  expect(readKept(folder, other, "reuse")?.digest).toBe(twin.digest);
  expect((await readdir(folder)).filter((name) => name.includes("source"))).toEqual(
    expect.arrayContaining([sourceName(bytes), secondSourceName(other)]),
  );
});

test("is not served what was prepared of another component that begins with it, or that it begins with", async () => {
  const store = await PreparedStore.open(folder);
  const prepared = readKept(folder, bytes, "reuse")!;
  const file = await readFile(join(folder, sourceName(bytes)));
  // Whoever wants to makes others of the same names.
  for (const other of [bytes.subarray(0, bytes.length - 8), file.subarray(75), Buffer.concat([bytes, bytes])]) {
    await writeFile(join(folder, sourceName(other)), file);
    await writeFile(join(folder, secondSourceName(other)), file);
    expect(readKept(folder, other, "reuse")).toBeUndefined();
  }
  await store.keepSource(bytes, prepared);
  expect(readKept(folder, bytes, "reuse")?.digest).toBe(prepared.digest);
});

test("an entry that stands beside its source is read with it, and damage in it is seen", async () => {
  const path = join(folder, sourceName(bytes));
  const file = await readFile(path);
  const whole = readKept(folder, bytes, "reuse")!;
  const [entry = ""] = (await readdir(folder)).filter((name) => name.includes(".reuse."));
  await rm(join(folder, entry));
  expect(readKept(folder, bytes, "reuse")).toEqual(whole);
  for (let at = 75 + bytes.length; at < file.length; at += 97) {
    const damaged = Buffer.from(file);
    damaged[at]! ^= 4;
    await writeFile(path, damaged);
    expect(readKept(folder, bytes, "reuse")).toBeUndefined();
  }
  for (const length of [file.length - 1, file.length - 2, 75 + bytes.length + 1, 75 + bytes.length]) {
    await writeFile(path, file.subarray(0, length));
    expect(readKept(folder, bytes, "reuse")).toBeUndefined();
  }
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
  const path = join(folder, sourceName(bytes));
  const ago = (hours: number) => new Date(Date.now() - hours * 3600 * 1000);
  const [hour, week] = [ago(1), ago(24 * 7)];
  await utimes(path, hour, hour);
  expect(readKept(folder, bytes, "reuse")).toBeDefined();
  expect((await stat(path)).mtimeMs).toBeCloseTo(hour.getTime(), -1);
  await utimes(path, week, week);
  expect(readKept(folder, bytes, "reuse")).toBeDefined();
  expect((await stat(path)).mtimeMs).toBeGreaterThan(hour.getTime());
});
