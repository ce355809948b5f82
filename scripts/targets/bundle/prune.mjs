import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { dist } from "./contents.mjs";

/** What runs in a process of its own, and is found by its place in `dist` as it was compiled. */
const processes = ["toolchains/typescript/componentize-process.js", "toolchains/component/wrap-process.js"];

/**
 * Leaves in `dist` what the program loads: its pieces, its parts, the files that lead to those, and what runs in processes
 * of its own. All else was compiled to be bundled.
 * @param files the others that stay, by their paths in `dist`.
 */
export async function prune(files) {
  const kept = new Set(["LICENSES.txt", ...files].map((path) => join(dist, path)));
  const queue = processes.map((path) => join(dist, path));
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (kept.has(file)) continue;
    kept.add(file);
    const imports = (await readFile(file, "utf8")).matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g);
    for (const [, path] of imports) queue.push(resolve(dirname(file), path));
  }
  const parts = join(dist, "parts");
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(path) && entry.parentPath !== parts) await rm(path);
  }
  await withoutEmptyFolders(dist);
}

async function withoutEmptyFolders(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await withoutEmptyFolders(join(folder, entry.name));
  }
  if ((await readdir(folder)).length === 0) await rm(folder, { recursive: true });
}
