import { lstat, readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";

/** What was used so recently stays, whatever else: another process may be about to read it. Milliseconds. */
const recent = 10 * 60_000;

/** Says that an entry of a cache was used; one that went meanwhile is nobody's loss. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

/**
 * Removes the entries of a cache that were unused for longest, until the others have at most so many bytes: without it, a
 * day of edits fills a small disk. Answers what it removed, in bytes.
 */
export async function sweepCache(folder: string, bytes: number, now = Date.now()): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return lstat(path).then(
        // Folders are caches of others.
        (found) => (found.isDirectory() ? undefined : { path, size: found.size, used: found.mtimeMs }),
        () => undefined,
      );
    }),
  );
  const files = entries.filter((entry) => entry !== undefined).toSorted((a, b) => b.used - a.used);
  let [kept, removed] = [0, 0];
  for (const { path, size, used } of files) {
    kept += size;
    if (kept <= bytes || now - used < recent) continue;
    await rm(path, { force: true });
    removed += size;
  }
  return removed;
}
