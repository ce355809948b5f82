import { readdirSync, statSync } from "node:fs";

/** What decides what a prepared file says. */
const folders = ["binary", "link", "prepare", "rewrite"];

/**
 * Stands in the name of every prepared file, so that nobody reads what another linker or rewriter wrote, whichever versions,
 * branches and copies share a cache. The published package has the digest of its code here instead
 * (`scripts/targets/bundle`).
 */
export const preparedVersion = versionOf(`${import.meta.dirname}/..`);

/** From times and sizes of sources: reading them takes several milliseconds, which every start would pay. */
export function versionOf(root: string): string {
  let [newest, mixed] = [0, 0];
  for (const folder of folders) {
    // In the order of names: a system lists a folder in any.
    for (const name of readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" }).toSorted()) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      const { mtimeMs, size } = statSync(`${root}/${folder}/${name}`);
      const time = Math.floor(mtimeMs);
      newest = Math.max(newest, time);
      mixed = Math.imul(Math.imul(mixed, 31) ^ time, 31) ^ size;
    }
  }
  return `${newest.toString(36)}-${(mixed >>> 0).toString(36)}`;
}
