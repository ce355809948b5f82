import type { FSWatcher } from "node:fs";
import { watch } from "node:fs";
import { basename, join, resolve } from "node:path";
import { isIn, mayHoldResources, otherTools } from "./names.ts";
import type { Snapshot } from "./snapshot.ts";
import { changedFiles, takeSnapshot } from "./snapshot.ts";

/** What changed in a site's folder since the last call; also told where neither resources nor sources did. */
export interface FolderChange {
  /** Whether files that may hold resources changed. */
  resources: boolean;
  /** Named source folders in which something changed. */
  sources: string[];
  /** Every path that changed, relative to the folder. */
  paths: string[];
}

export interface WatchOptions {
  /** Named source folders, relative to the folder; may be replaced later by `setSources`. */
  sources?: readonly string[];
  /** What the folder was like when it was read: what changed since then is told too. Default: what it is like now. */
  since?: Snapshot;
  /** Milliseconds of quiet before a change is told, or ten times that without quiet. Default 100. */
  debounce?: number;
  /** Milliseconds between looks at the whole folder, for what the system does not tell. Default 2000. */
  rescan?: number;
}

export interface FolderWatch {
  setSources(sources: readonly string[]): void;
  /** Nothing is told after this. Idempotent. */
  close(): void;
}

/**
 * Tells changes of a site's folder, also of editors that write by rename, of folders that come and go, and
 * of the folder itself being deleted and made again. Skips dot-folders and build output, as reading does.
 * Resolves once watching.
 */
export async function watchFolder(
  folder: string,
  onChange: (change: FolderChange) => void,
  options: WatchOptions = {},
): Promise<FolderWatch> {
  const watcher = new Watch(folder, onChange, options);
  await watcher.start();
  return watcher;
}

class Watch implements FolderWatch {
  readonly #folder: string;
  readonly #onChange: (change: FolderChange) => void;
  readonly #debounce: number;
  readonly #rescan: number;
  readonly #watchers = new Map<string, { inode: string; watcher: FSWatcher }>();
  #sources: readonly string[];
  #snapshot: Snapshot = { files: new Map(), folders: new Map() };
  readonly #since: Snapshot | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #firstEvent: number | undefined;
  #regular: NodeJS.Timeout | undefined;
  #scanning: Promise<void> | undefined;
  #closed = false;

  constructor(folder: string, onChange: (change: FolderChange) => void, options: WatchOptions) {
    this.#folder = resolve(folder);
    this.#onChange = onChange;
    this.#sources = options.sources ?? [];
    this.#since = options.since;
    this.#debounce = options.debounce ?? 100;
    this.#rescan = options.rescan ?? 2000;
  }

  async start(): Promise<void> {
    this.#snapshot = this.#since ?? (await takeSnapshot(this.#folder));
    this.#watchFolders();
    if (this.#since !== undefined) this.#soon();
    this.#regular = setInterval(() => this.#scan(false), this.#rescan).unref();
  }

  setSources(sources: readonly string[]): void {
    this.#sources = sources;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
    clearInterval(this.#regular);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** One system watch a folder, not one a file: files are replaced, folders mostly stay. */
  #watchFolders(): void {
    for (const [path, { inode, watcher }] of this.#watchers) {
      if (this.#snapshot.folders.get(path) === inode) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const [path, inode] of this.#snapshot.folders) {
      if (!this.#watchers.has(path)) this.#watchOne(path, inode);
    }
  }

  #watchOne(path: string, inode: string): void {
    try {
      const watcher = watch(join(this.#folder, path), { persistent: false }, () => this.#soon());
      watcher.on("error", () => this.#watchers.delete(path));
      this.#watchers.set(path, { inode, watcher });
    } catch {
      // Too many watches, or the folder is gone: the regular look finds changes all the same.
    }
  }

  #soon(): void {
    if (this.#closed) return;
    this.#firstEvent ??= Date.now();
    const left = this.#firstEvent + 10 * this.#debounce - Date.now();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#scan(true), Math.max(0, Math.min(this.#debounce, left)));
  }

  #scan(tell: boolean): void {
    if (this.#closed || (this.#scanning && !tell)) return;
    if (this.#scanning) return this.#soon();
    if (tell) this.#firstEvent = undefined;
    this.#scanning = this.#compare(tell).finally(() => (this.#scanning = undefined));
  }

  /** A change that the regular look finds is told after a quiet time too: it may be half written. */
  async #compare(tell: boolean): Promise<void> {
    const after = await takeSnapshot(this.#folder);
    if (this.#closed) return;
    const paths = changedFiles(this.#snapshot, after);
    if (paths.length > 0 && !tell) return this.#soon();
    this.#snapshot = after;
    this.#watchFolders();
    if (paths.length === 0) return;
    const sources = this.#sources.filter((source) => paths.some((path) => isIn(source, path)));
    const resources = paths.some((path) => isResource(path) && !this.#sources.some((source) => isIn(source, path)));
    this.#onChange({ resources, sources, paths });
  }
}

function isResource(path: string): boolean {
  return mayHoldResources(basename(path)) || otherTools.has(basename(path));
}
