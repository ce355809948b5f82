import { open } from "node:fs/promises";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";

/** Largest one that is read, in bytes. */
const componentLimit = 256 << 20;

/** The module or component that a command line names. Throws `usage`. */
export async function readGuest(command: string, path: string): Promise<Uint8Array> {
  const fail = (cause: unknown): never => {
    throw new BandstandError("usage", `${command}: ${path} cannot be read: ${messageOf(cause)}`, {
      remedy: "Name the file of a component; bandstand build DIR makes one.",
      cause,
    });
  };
  const file = await open(path).catch(fail);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) fail(new Error("it is not a file"));
    if (stat.size > componentLimit) fail(new Error(`it has ${stat.size} bytes, at most ${componentLimit} are taken`));
    return await file.readFile();
  } finally {
    await file.close();
  }
}
