import { lstatSync } from "node:fs";
import { decodeEntry, entryName, largestEntry } from "./entry.ts";
import { readWhole } from "./whole.ts";
import type { Isolation, Prepared } from "./prepared.ts";
import { digestFrom, preparedFrom, secondSourceName, sourceName } from "./source.ts";

/** Milliseconds after which an entry is marked as used again: what is swept was unused for longest, in days and not in moments. */
const day = 24 * 3600 * 1000;

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
    // Not by `join`, which looks at every letter: with names as long as these a tenth of a millisecond each.
    for (const nameOf of [sourceName, secondSourceName]) {
      const source = read(`${directory}/${nameOf(bytes)}`);
      const digest = source && digestFrom(source, bytes);
      if (source === undefined || digest === undefined) continue;
      const beside = preparedFrom(source, bytes.length, digest, isolation);
      if (beside !== undefined) return beside;
      const entry = read(`${directory}/${entryName(digest, isolation)}`);
      return entry && decodeEntry(entry, digest, isolation);
    }
    return undefined;
  } catch {
    return undefined;
  }
}

function read(path: string): Buffer | undefined {
  const { bytes, mtimeMs } = readWhole(path, largestEntry);
  if (bytes !== undefined && Date.now() - mtimeMs > day) markUsed(path);
  return bytes;
}

/** One that went meanwhile is nobody's loss. */
function markUsed(path: string): void {
  const now = new Date();
  try {
    process.getBuiltinModule("node:fs").utimesSync(path, now, now);
  } catch {
    // Read only, or gone.
  }
}
