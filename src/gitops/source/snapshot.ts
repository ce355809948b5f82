import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isSkippedFolder } from "./names.ts";

/** Everything below a folder that may matter: what each entry looked like, by path relative to it. */
export interface Snapshot {
  /** Path → what changes when its contents do. */
  files: ReadonlyMap<string, string>;
  /** Folders to watch with their inodes, the root as `.`. */
  folders: ReadonlyMap<string, string>;
}

/** Entries that are looked at; a folder with more is watched in part. */
const entryLimit = 100_000;

/** Looks at a folder without reading files. What vanishes meanwhile is left out. */
export async function takeSnapshot(root: string): Promise<Snapshot> {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const queue = ["."];
  for (let path = queue.shift(); path !== undefined && files.size < entryLimit; path = queue.shift()) {
    const own = await lstat(join(root, path === "." ? "" : path), { bigint: true }).catch(() => undefined);
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => undefined);
    if (own === undefined || entries === undefined) continue;
    folders.set(path, `${own.dev}:${own.ino}`);
    for (const entry of entries) {
      const child = path === "." ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!isSkippedFolder(entry.name)) queue.push(child);
        continue;
      }
      const stats = await lstat(join(root, child), { bigint: true }).catch(() => undefined);
      if (stats) files.set(child, `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.mode}`);
    }
  }
  return { files, folders };
}

/** Paths that differ between two snapshots: changed, new or gone. */
export function changedFiles(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...before.files.keys(), ...after.files.keys()]);
  return [...paths].filter((path) => before.files.get(path) !== after.files.get(path)).toSorted();
}
