import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withPath } from "../errors/index.ts";

/** A folder older than this belongs to no process that still runs: compilers get two minutes. Milliseconds. */
const stale = 60 * 60_000;

/**
 * A folder for temporary files while `work` runs, removed when it ends. What processes that were killed left behind of the
 * same purpose is removed too.
 */
export async function withScratch<T>(purpose: string, work: (folder: string) => Promise<T>): Promise<T> {
  const prefix = `bandstand-${purpose}-`;
  await removeStale(prefix);
  const folder = await mkdtemp(join(tmpdir(), prefix));
  try {
    return await work(folder);
  } catch (error) {
    // Of a write that does not say where, which was to here.
    throw (error as NodeJS.ErrnoException).syscall === "write" ? withPath(error, folder) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeStale(prefix: string): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  const ours = names.filter((name) => name.startsWith(prefix)).map((name) => join(tmpdir(), name));
  await Promise.all(
    ours.map(async (path) => {
      const found = await lstat(path).catch(() => undefined);
      if (found?.isDirectory() !== true || found.uid !== process.getuid?.() || Date.now() - found.mtimeMs < stale)
        return;
      await rm(path, { recursive: true, force: true }).catch(() => {});
    }),
  );
}
