import { mkdtempSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markUsed, sweepCache } from "./index.ts";

let folder: string;
const minutes = (count: number): number => count * 60_000;
const now = Date.UTC(2030, 0, 1);

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "bandstand-sweep-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function entry(name: string, bytes: number, age: number): void {
  writeFileSync(join(folder, name), Buffer.alloc(bytes));
  const used = new Date(now - age);
  utimesSync(join(folder, name), used, used);
}

test("what was unused for longest goes first, until the rest fits", async () => {
  entry("old", 100, minutes(50));
  entry("middle", 100, minutes(40));
  entry("new", 100, minutes(30));
  expect(await sweepCache(folder, 200, now)).toBe(100);
  expect(readdirSync(folder).toSorted()).toEqual(["middle", "new"]);
  expect(await sweepCache(folder, 200, now)).toBe(0);
});

test("what was just used stays, and folders do", async () => {
  entry("just", 100, minutes(1));
  entry("old", 100, minutes(50));
  mkdirSync(join(folder, "others"));
  expect(await sweepCache(folder, 0, now)).toBe(100);
  expect(readdirSync(folder).toSorted()).toEqual(["just", "others"]);
});

test("an entry that is used is young again; one that went, and a folder that is not there, are no failures", async () => {
  entry("old", 100, minutes(500));
  await markUsed(join(folder, "old"));
  expect(await sweepCache(folder, 0)).toBe(0);
  await markUsed(join(folder, "gone"));
  expect(await sweepCache(join(folder, "nowhere"), 0)).toBe(0);
});
