import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FolderChange, FolderWatch } from "./index.ts";
import { takeSnapshot, watchFolder } from "./index.ts";

let folder: string;
let watch: FolderWatch;
let changes: FolderChange[];
let told: (() => void) | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "watch-"));
  await mkdir(join(folder, "auth"));
  await mkdir(join(folder, "deep/er"), { recursive: true });
  await writeFile(join(folder, "a.yaml"), "a");
  changes = [];
  await begin({ rescan: 60_000 });
});
afterEach(async () => {
  watch.close();
  await rm(folder, { recursive: true, force: true });
});

async function begin(options: { rescan: number }): Promise<void> {
  watch = await watchFolder(
    folder,
    (change) => {
      changes.push(change);
      told?.();
    },
    { sources: ["auth"], debounce: 30, ...options },
  );
}

async function next(): Promise<FolderChange> {
  if (changes.length === 0) await new Promise<void>((resolve) => (told = resolve));
  return changes.shift()!;
}

test("tells an edit once, also when it comes in several writes", async () => {
  // In one turn: a busy machine may take longer between two of them than edits are waited for.
  for (const text of ["b", "bb", "bbb"]) writeFileSync(join(folder, "a.yaml"), text);
  expect(await next()).toEqual({ resources: true, sources: [], paths: ["a.yaml"] });
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(changes).toEqual([]);
});

test("tells editors that write by rename, and new folders", async () => {
  await writeFile(join(folder, ".a.yaml.swp"), "new");
  await rename(join(folder, ".a.yaml.swp"), join(folder, "a.yaml"));
  expect(await next()).toMatchObject({ resources: true });
  await mkdir(join(folder, "fresh"));
  await writeFile(join(folder, "fresh/b.yaml"), "b");
  expect(await next()).toMatchObject({ resources: true, paths: ["fresh/b.yaml"] });
  await writeFile(join(folder, "fresh/b.yaml"), "changed");
  expect(await next()).toMatchObject({ resources: true, paths: ["fresh/b.yaml"] });
});

test("tells changes in source folders by their name, and other files by path only", async () => {
  await writeFile(join(folder, "auth/index.ts"), "x");
  expect(await next()).toEqual({ resources: false, sources: ["auth"], paths: ["auth/index.ts"] });
  await writeFile(join(folder, "auth/values.yaml"), "x");
  expect(await next()).toEqual({ resources: false, sources: ["auth"], paths: ["auth/values.yaml"] });
  await writeFile(join(folder, "auth.wasm"), "x");
  expect(await next()).toEqual({ resources: false, sources: [], paths: ["auth.wasm"] });
  watch.setSources(["deep"]);
  await writeFile(join(folder, "deep/er/x.c"), "x");
  expect(await next()).toEqual({ resources: false, sources: ["deep"], paths: ["deep/er/x.c"] });
});

test("says nothing about build output and dot-folders", async () => {
  for (const name of ["dist", ".git", "node_modules"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "a.yaml"), "x");
  }
  await writeFile(join(folder, "last.yaml"), "x");
  expect((await next()).paths).toEqual(["last.yaml"]);
});

test("survives that folders, and the folder itself, are deleted and made again", async () => {
  await rm(join(folder, "deep"), { recursive: true });
  await rm(folder, { recursive: true });
  expect(await next()).toMatchObject({ resources: true, paths: ["a.yaml"] });
  watch.close();
  await mkdir(folder);
  await begin({ rescan: 50 });
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await writeFile(join(folder, "b.yaml"), "b");
  expect(await next()).toMatchObject({ resources: true, paths: ["b.yaml"] });
  await writeFile(join(folder, "b.yaml"), "changed");
  expect(await next()).toMatchObject({ resources: true, paths: ["b.yaml"] });
});

test("tells what changed since the folder was read, before it was watched", async () => {
  watch.close();
  const since = await takeSnapshot(folder);
  await writeFile(join(folder, "a.yaml"), "edited meanwhile");
  watch = await watchFolder(folder, (change) => (changes.push(change), told?.()), { debounce: 30, since });
  expect(await next()).toEqual({ resources: true, sources: [], paths: ["a.yaml"] });
});

test("says nothing after close", async () => {
  watch.close();
  await writeFile(join(folder, "a.yaml"), "later");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(changes).toEqual([]);
});
