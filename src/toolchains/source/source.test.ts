import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copySources } from "./copy.ts";
import { hashOf, sourceHash } from "./hash.ts";
import { listSources } from "./list.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "bandstand-sources-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

test("lists sources only, sorted", async () => {
  for (const name of ["src/deep", "node_modules/x", "build", ".git", "dist"])
    await mkdir(join(folder, name), { recursive: true });
  const all = [
    "z.c",
    "a.c",
    "src/deep/b.ts",
    "node_modules/x/i.js",
    "build/o.wasm",
    ".git/config",
    ".env",
    "dist/o.js",
  ];
  for (const name of all) await writeFile(join(folder, name), name);
  expect(await listSources(folder)).toEqual(["a.c", "src/deep/b.ts", "z.c"]);
});

test("the hash follows content and names, nothing else", async () => {
  await writeFile(join(folder, "a"), "1");
  const first = await sourceHash(folder);
  expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
  await writeFile(join(folder, ".hidden"), "2");
  expect(await sourceHash(folder)).toBe(first);
  const copy = join(folder, ".copy");
  await mkdir(copy);
  expect(await copySources(folder, copy)).toEqual({ files: ["a"], hash: first });
  await writeFile(join(folder, "a"), "2");
  expect(await sourceHash(folder)).not.toBe(first);
});

test("no two lists of files read alike", () => {
  const list = fc.array(fc.tuple(fc.string(), fc.uint8Array({ maxLength: 8 })), { maxLength: 4 });
  fc.assert(
    fc.property(list, list, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(hashOf(one) === hashOf(other)).toBe(same);
    }),
  );
});

test("links that stay inside are walked by their own names, links to packages are not followed", async () => {
  await writeFile(join(folder, "a.c"), "");
  await symlink("a.c", join(folder, "b.c"));
  await symlink(tmpdir(), join(folder, "node_modules"));
  await symlink("nowhere", join(folder, "dangling"));
  expect(await listSources(folder)).toEqual(["a.c"]);
  await symlink(join(folder, ".."), join(folder, "up"));
  await expect(listSources(folder)).rejects.toThrow("up is a link that leads out");
});

test("too many files are refused", async () => {
  for (let i = 0; i < 2001; i++) await writeFile(join(folder, `${i}`), "");
  await expect(listSources(folder)).rejects.toThrow("more than 2000 files");
});
