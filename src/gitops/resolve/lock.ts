import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { BandstandError } from "../../foundation/errors/index.ts";
import { shellWord, whyUnreadable } from "../../foundation/files/index.ts";

/** Reference of an image → digest that it resolved to. */
export type Lock = Map<string, string>;

const lockName = "bandstand.lock";
const sizeLimit = 1024 * 1024;
const header = "# Which bytes every image reference stands for. Written by Bandstand; commit it beside the site.\n";

/** The site's lock file; empty where there is none. Throws `site-invalid`. */
export async function readLock(folder: string): Promise<Lock> {
  const text = await readFile(join(folder, lockName), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    if (error.code !== "EACCES" && error.code !== "EPERM") throw broken(whyUnreadable(error));
    throw new BandstandError("site-invalid", `${lockName} ${whyUnreadable(error)}`, {
      remedy: `Give the user that runs Bandstand the right to read it and its folder: ${shellWord(folder)}`,
      cause: error,
    });
  });
  if (text.length > sizeLimit) throw broken(`is larger than ${sizeLimit} bytes`);
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0, schema: "core" }) ?? {};
  } catch (error) {
    const [why = ""] = (error as Error).message.split("\n");
    // The parser shows the lines too, which would stand in the middle of a sentence.
    throw broken(`is not YAML: ${why.replace(/:$/, "")}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw broken("holds no map of references to digests");
  const lock: Lock = new Map();
  for (const [reference, digest] of Object.entries(value)) {
    if (typeof digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(digest)) {
      throw broken(`names no digest for ${reference}: expected sha256: and 64 hex digits`);
    }
    lock.set(reference, digest);
  }
  return lock;
}

/** Writes the lock file whole or not at all; an empty one is removed. */
export async function writeLock(folder: string, lock: Lock): Promise<void> {
  const path = join(folder, lockName);
  if (lock.size === 0) return rm(path, { force: true });
  const sorted = Object.fromEntries([...lock].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = await open(temporary, "wx", 0o644);
  try {
    await handle.writeFile(header + stringify(sorted, { lineWidth: 0 }));
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

export function sameLock(a: Lock, b: Lock): boolean {
  return a.size === b.size && [...a].every(([reference, digest]) => b.get(reference) === digest);
}

function broken(what: string): BandstandError {
  const remedy = `Restore ${lockName} from Git, or delete it to resolve every image anew.`;
  return new BandstandError("site-invalid", `${lockName} ${what}`, { remedy });
}
