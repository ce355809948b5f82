import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashContext, listContext } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "context-"));
  await mkdir(join(folder, "src/empty"), { recursive: true });
  await writeFile(join(folder, "Containerfile"), "FROM scratch\n");
  await writeFile(join(folder, "src/a"), "a");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("lists files, folders and links sorted, without .git, and follows no link", async () => {
  await mkdir(join(folder, ".git"));
  await writeFile(join(folder, ".containerignore"), "x");
  await symlink("/etc", join(folder, "link"));
  const entries = await listContext(folder);
  expect(entries.map(({ path, type }) => `${type} ${path}`)).toEqual([
    "file .containerignore",
    "file Containerfile",
    "link link",
    "folder src",
    "file src/a",
    "folder src/empty",
  ]);
});

test("the hash tells every change of a name, mode, content or link, and nothing else", async () => {
  const seen = new Set([await hashContext(folder)]);
  const changes = [
    () => writeFile(join(folder, "src/a"), "b"),
    () => chmod(join(folder, "src/a"), 0o755),
    () => rename(join(folder, "src/a"), join(folder, "src/b")),
    () => rm(join(folder, "src/empty"), { recursive: true }),
    () => symlink("a", join(folder, "link")),
    () => rm(join(folder, "link")).then(() => symlink("b", join(folder, "link"))),
  ];
  for (const [index, change] of changes.entries()) {
    await change();
    seen.add(await hashContext(folder));
    expect(seen.size).toBe(index + 2);
  }
  const before = await hashContext(folder);
  await utimes(join(folder, "src/b"), 1, 1);
  expect(await hashContext(folder)).toBe(before);
});

test("content cannot be moved between files without changing the hash", async () => {
  await writeFile(join(folder, "x"), "12");
  await writeFile(join(folder, "y"), "3");
  const before = await hashContext(folder);
  await writeFile(join(folder, "x"), "1");
  await writeFile(join(folder, "y"), "23");
  expect(await hashContext(folder)).not.toBe(before);
});

test("refuses contexts that are too large, and special files", async () => {
  await expect(hashContext(folder, { entries: 3, bytes: 100 })).rejects.toMatchObject({ code: "build-failed" });
  await expect(hashContext(folder, { entries: 100, bytes: 3 })).rejects.toMatchObject({ code: "build-failed" });
  const server = createServer().listen(join(folder, "socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  await expect(hashContext(folder)).rejects.toMatchObject({ code: "build-failed" });
  await new Promise((resolve) => server.close(resolve));
});
