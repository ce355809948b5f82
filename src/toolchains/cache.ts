import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { markUsed, replaceFile } from "../foundation/files/index.ts";

/** Entries carry the hash of their bytes, and one that does not match it was not written by us: it is built again. */
export async function fromCache(cache: string | undefined, key: string): Promise<Uint8Array | undefined> {
  if (cache === undefined) return undefined;
  const entry = await readFile(join(cache, `${key}.built`)).catch(() => undefined);
  if (entry === undefined) return undefined;
  await markUsed(join(cache, `${key}.built`));
  const bytes = entry.subarray(32);
  return digestOf(bytes).equals(entry.subarray(0, 32)) ? bytes : undefined;
}

export async function intoCache(cache: string | undefined, key: string, bytes: Uint8Array): Promise<void> {
  if (cache === undefined) return;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  await replaceFile(join(cache, `${key}.built`), Buffer.concat([digestOf(bytes), bytes]));
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
