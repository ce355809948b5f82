import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "bandstand-folder-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

it("makes what is missing, private, and is content with what is there", async () => {
  const path = join(folder, "a/b/c");
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(folder, "a/b/d"))]);
  await makeFolder(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "a"))).mode & 0o777).toBe(0o700);
});

it("says at once what stands in the way", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file/below"))).rejects.toThrow(/ENOTDIR/);
  // Nothing can be made there, though it exists.
  if (process.platform === "linux") await expect(makeFolder("/proc/bandstand/state")).rejects.toThrow(/ENOENT/);
});
