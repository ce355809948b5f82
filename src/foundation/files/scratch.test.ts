import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withScratch } from "./index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scratch-"));
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("goes with the work, also where it fails", async () => {
  const seen = await withScratch("build", async (path) => {
    writeFileSync(join(path, "file"), "");
    return path;
  });
  await expect(withScratch("build", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(seen.startsWith(join(folder, "bandstand-build-"))).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test("takes what killed processes left of the same kind, and nothing else", async () => {
  const old = new Date(Date.now() - 2 * 60 * 60_000);
  const make = (name: string, time?: Date): string => {
    mkdirSync(join(folder, name, "deep"), { recursive: true });
    if (time !== undefined) utimesSync(join(folder, name), time, time);
    return join(folder, name);
  };
  const [left, fresh, other] = [make("bandstand-build-old", old), make("bandstand-build-new"), make("else-old", old)];
  symlinkSync(other, join(folder, "bandstand-build-link"));
  await withScratch("build", async () => {});
  expect(
    [left, fresh, join(other, "deep"), join(folder, "bandstand-build-link")].map((path) => existsSync(path)),
  ).toEqual([false, true, true, true]);
});
