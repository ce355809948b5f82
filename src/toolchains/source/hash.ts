import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listSources } from "./list.ts";

/** `sha256:<hex>` over names and contents of a folder's sources: the same as long as nothing changed. */
export async function sourceHash(folder: string): Promise<string> {
  const files = await listSources(folder);
  return hashOf(await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file))] as const)));
}

/** Lengths stand before names and contents, so that no two lists of files read alike. */
export function hashOf(files: readonly (readonly [name: string, content: Uint8Array])[]): string {
  const hash = createHash("sha256");
  for (const [name, content] of files) {
    hash.update(`${Buffer.byteLength(name)}:${name}${content.length}:`).update(content);
  }
  return `sha256:${hash.digest("hex")}`;
}
