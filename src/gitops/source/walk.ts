import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../../model/index.ts";
import { isSkippedFolder, mayHoldResources, otherTools } from "./names.ts";
import { leadsNowhere, noFile, unreadable } from "./problems.ts";

/** A file that may hold resources: `path` relative to the site's folder, `real` where it truly is. */
export interface Candidate {
  path: string;
  real: string;
}

/** How much of a folder is looked at. */
export interface WalkLimits {
  /** Files that may hold resources. */
  files: number;
  /** Entries of all folders together. */
  entries: number;
  /** Bytes of all files that may hold resources. */
  bytes: number;
}

export const walkLimits: WalkLimits = { files: 10_000, entries: 200_000, bytes: 64 * 1024 * 1024 };

/** Finds the files that may hold resources, in stable order, without leaving the folder. `root` is a real path. */
export async function walk(root: string, limits: WalkLimits): Promise<{ files: Candidate[]; problems: Problem[] }> {
  const found = new Walk(root, limits);
  await found.folder("");
  await found.followLinks();
  return { files: found.files.toSorted(byPath), problems: found.problems };
}

function byPath(a: Candidate, b: Candidate): number {
  return a.path < b.path ? -1 : 1;
}

class Walk {
  readonly files: Candidate[] = [];
  readonly problems: Problem[] = [];
  readonly #root: string;
  readonly #limits: WalkLimits;
  readonly #seen = new Set<string>();
  /** Links come last, so that what a folder holds itself is known by its own name. */
  readonly #links: string[] = [];
  #entries = 0;
  #full = false;

  constructor(root: string, limits: WalkLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  async folder(path: string, real: string = join(this.#root, path)): Promise<void> {
    if (this.#full || this.#seen.has(real)) return;
    this.#seen.add(real);
    let entries: Dirent[];
    try {
      entries = await readdir(real, { withFileTypes: true });
    } catch (error) {
      this.problems.push(unreadable(path || ".", "folder", error));
      return;
    }
    const other = entries.find(({ name }) => otherTools.has(name));
    if (other) {
      this.#otherTool(path, other.name);
      return;
    }
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (this.#isFull(path)) return;
      await this.#entry(entry, path === "" ? entry.name : `${path}/${entry.name}`, join(real, entry.name));
    }
  }

  async #entry(entry: Dirent, path: string, real: string): Promise<void> {
    const { name } = entry;
    if (entry.isSymbolicLink()) {
      if (!isSkippedFolder(name)) this.#links.push(path);
    } else if (entry.isDirectory()) {
      if (!isSkippedFolder(name)) await this.folder(path, real);
    } else if (mayHoldResources(name)) {
      if (entry.isFile()) this.#file(path, real);
      else this.problems.push(noFile(path, entry));
    }
  }

  /** Links may lead to anything inside of the site's folder that was not read under its own name. */
  async followLinks(): Promise<void> {
    for (let path = this.#links.shift(); path !== undefined && !this.#full; path = this.#links.shift()) {
      const named = mayHoldResources(path.slice(path.lastIndexOf("/") + 1));
      try {
        const real = await realpath(join(this.#root, path));
        const found = await stat(real);
        if (!found.isDirectory() && !named) continue;
        if (!real.startsWith(`${this.#root}/`) && real !== this.#root) this.#escapes(path);
        else if (found.isDirectory()) await this.folder(path, real);
        else if (found.isFile()) this.#file(path, real);
        else this.problems.push(noFile(path, found));
      } catch (error) {
        if (!named) continue;
        const isDead = (error as NodeJS.ErrnoException).code === "ENOENT";
        this.problems.push(isDead ? leadsNowhere(path) : unreadable(path, "link", error));
      }
    }
  }

  #file(path: string, real: string): void {
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    this.files.push({ path, real });
  }

  #isFull(path: string): boolean {
    if (this.#full) return true;
    this.#full = ++this.#entries > this.#limits.entries || this.files.length >= this.#limits.files;
    if (!this.#full) return false;
    const { files, entries } = this.#limits;
    this.problems.push({
      severity: "error",
      code: "too-many-files",
      message: `expected at most ${files} YAML and JSON files and ${entries} entries in all`,
      remedy: "Name a folder that holds only the site, and its sources.",
      file: path || ".",
    });
    return true;
  }

  #otherTool(path: string, name: string): void {
    const { tool, remedy } = otherTools.get(name)!;
    const message = `${tool} is not supported here; the folder ${path || "."} is not read`;
    const file = path === "" ? name : `${path}/${name}`;
    this.problems.push({ severity: "error", code: "not-supported", message, remedy, file });
  }

  #escapes(file: string): void {
    const message = "the link leads out of the site's folder";
    const remedy = "Copy what it leads to into the folder, or remove the link.";
    this.problems.push({ severity: "error", code: "escapes-folder", message, remedy, file });
  }
}
