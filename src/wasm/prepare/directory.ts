import { lstat, mkdir } from "node:fs/promises";
import { BandstandError } from "../../foundation/errors/index.ts";

/** Makes the folder (mode 0700), or makes sure that it is a folder that only we can read and change. */
export async function ownDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  const refuse = (message: string, remedy: string): never => {
    throw new BandstandError("state-refused", `${path} ${message}`, { remedy });
  };
  if (!found.isDirectory()) refuse("is a link, expected a folder of its own", "Remove the link.");
  const user = process.getuid?.();
  if (user !== undefined && found.uid !== user) {
    refuse(`belongs to user ${found.uid}, expected ${user}`, "Choose another folder with BANDSTAND_STATE.");
  }
  if ((found.mode & 0o077) !== 0) {
    refuse(`has mode ${(found.mode & 0o777).toString(8)}, expected 700`, `Look what is in it, then: chmod 700 ${path}`);
  }
}
