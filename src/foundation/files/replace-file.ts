import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { withPath } from "../errors/index.ts";

/** Writes a file whole or not at all, also when the power goes: written beside, synced, moved into place. */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(beside, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw withPath(error, path);
  }
}
