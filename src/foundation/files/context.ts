import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BandstandError } from "../errors/index.ts";

/** One entry of an image's build context; `path` is relative, with `/`. */
export type ContextEntry = { path: string; mode: number } & (
  | { type: "file"; size: number }
  | { type: "folder" }
  /** Carried as a link, never followed. */
  | { type: "link"; target: string }
);

export interface ContextLimits {
  entries: number;
  /** Bytes of all files together. */
  bytes: number;
}

const contextLimits: ContextLimits = { entries: 20_000, bytes: 1024 ** 3 };

/** History of the sources is no part of what is built from them. */
const left = new Set([".git"]);

/**
 * Everything that an image's build gets to see, sorted by path: what is hashed is what is sent.
 * `.containerignore` is part of it and the builder's business. Throws `build-failed`.
 */
export async function listContext(folder: string, limits: ContextLimits = contextLimits): Promise<ContextEntry[]> {
  const entries: ContextEntry[] = [];
  let bytes = 0;
  const walk = async (parent: string): Promise<void> => {
    const names = await readdir(join(folder, parent));
    for (const name of names.toSorted()) {
      if (left.has(name)) continue;
      const entry = await look(folder, parent === "" ? name : `${parent}/${name}`);
      entries.push(entry);
      if (entry.type === "file") bytes += entry.size;
      if (entries.length > limits.entries || bytes > limits.bytes) throw tooLarge(folder, limits);
      if (entry.type === "folder") await walk(entry.path);
    }
  };
  await walk("");
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** SHA-256 over names, modes and contents of a context, as hex. Throws `build-failed`. */
export async function hashContext(folder: string, limits?: ContextLimits): Promise<string> {
  const hash = createHash("sha256");
  for (const entry of await listContext(folder, limits)) {
    // Lengths come first, so that no two contexts read alike.
    const content = entry.type === "file" ? await hashFile(join(folder, entry.path)) : "";
    hash.update(`${JSON.stringify({ ...entry, content })}\n`);
  }
  return hash.digest("hex");
}

async function look(folder: string, path: string): Promise<ContextEntry> {
  const full = join(folder, path);
  const stats = await lstat(full);
  const mode = stats.mode & 0o777;
  if (stats.isFile()) return { path, mode, type: "file", size: stats.size };
  if (stats.isDirectory()) return { path, mode, type: "folder" };
  if (stats.isSymbolicLink()) return { path, mode, type: "link", target: await readlink(full) };
  throw new BandstandError("build-failed", `${path} in ${folder} is neither file, folder nor link`, {
    remedy: "Remove it from the build context, or move it out of the folder.",
  });
}

async function hashFile(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const hash = createHash("sha256");
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}

function tooLarge(folder: string, { entries, bytes }: ContextLimits): BandstandError {
  const message = `the build context ${folder} is too large: expected at most ${entries} entries and ${bytes / 1024 ** 2} MiB`;
  const remedy = "Keep in the folder only what its Containerfile needs.";
  return new BandstandError("build-failed", message, { remedy });
}
