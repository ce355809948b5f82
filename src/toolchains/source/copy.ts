import { constants } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashOf } from "./hash.ts";
import { listSources } from "./list.ts";

/** What one build was made of. */
export interface Sources {
  /** Relative, with `/`, sorted. */
  files: string[];
  /** As `sourceHash` gives it for the same content. */
  hash: string;
}

/**
 * Copies the sources, so that what is hashed is what is built, even while its author saves files.
 * A file that became a link since it was listed is refused by the system.
 */
export async function copySources(folder: string, into: string): Promise<Sources> {
  const files = await listSources(folder);
  const contents: [string, Uint8Array][] = [];
  for (const file of files) {
    const handle = await open(join(folder, file), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const content = await handle.readFile();
      contents.push([file, content]);
      await mkdir(dirname(join(into, file)), { recursive: true });
      await writeFile(join(into, file), content);
    } finally {
      await handle.close();
    }
  }
  return { files, hash: hashOf(contents) };
}
