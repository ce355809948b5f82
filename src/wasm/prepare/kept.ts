import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "./digest.ts";
import { decodeEntry, entryName, largestEntry } from "./entry.ts";
import type { Isolation, Prepared } from "./prepared.ts";

const { O_RDONLY, O_NOFOLLOW } = constants;

/**
 * What a `PreparedStore` in this folder keeps of a component, the quick way of a command that starts: nothing is loaded
 * and waited for that only preparing needs. Undefined for everything but an entry that is whole, in a folder that is ours
 * alone; the store then says what is wrong, or prepares the component.
 */
export function readKept(directory: string, bytes: Uint8Array, isolation: Isolation): Prepared | undefined {
  try {
    const folder = lstatSync(directory);
    const isOurs = process.getuid === undefined || folder.uid === process.getuid();
    if (!folder.isDirectory() || !isOurs || (folder.mode & 0o077) !== 0) return undefined;
    const digest = digestOf(bytes);
    const path = join(directory, entryName(digest, isolation));
    const entry = read(path);
    const prepared = entry && decodeEntry(entry, digest, isolation);
    if (prepared !== undefined) markUsed(path);
    return prepared;
  } catch {
    return undefined;
  }
}

function read(path: string): Buffer | undefined {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW);
  try {
    return fstatSync(file).size > largestEntry ? undefined : readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** One that went meanwhile is nobody's loss. */
function markUsed(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // Read only, or gone.
  }
}
