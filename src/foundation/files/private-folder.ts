import { chmod, lstat, readdir } from "node:fs/promises";
import { BandstandError } from "../errors/index.ts";
import { makeFolder } from "./make-folder.ts";
import { shellWord } from "./shell-word.ts";

/**
 * Makes a folder (mode 0700), or makes sure that only we can read and change it: no link, ours, nothing for
 * group and others. An open one without any entry is tightened; what stands in an open one could be anybody's,
 * so it is refused. Throws `state-refused`.
 */
export async function openPrivateFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (cause) {
    throw refused(
      path,
      `cannot be made: ${(cause as Error).message}`,
      "Choose another: BANDSTAND_STATE for the state of sites, XDG_CACHE_HOME for what run and serve keep.",
      cause,
    );
  }
  const found = await lstat(path);
  if (found.isSymbolicLink())
    throw refused(path, "is a link, expected a folder", `Remove the link: rm ${shellWord(path)}`);
  if (!found.isDirectory()) throw refused(path, "is a file, expected a folder", `Remove it: rm ${shellWord(path)}`);
  const user = process.getuid?.();
  if (user !== undefined && found.uid !== user) {
    const remedy =
      "Choose a folder of your own (BANDSTAND_STATE for sites, XDG_CACHE_HOME for run and serve), or run as its owner.";
    throw refused(path, `belongs to user ${found.uid}, expected ${user}`, remedy);
  }
  if ((found.mode & 0o077) === 0) return;
  if ((await readdir(path)).length === 0) return chmod(path, 0o700);
  const mode = (found.mode & 0o777).toString(8);
  throw refused(path, `has mode ${mode}, expected 700`, `Look what is in it, then: chmod 700 ${shellWord(path)}`);
}

function refused(path: string, message: string, remedy: string, cause?: unknown): BandstandError {
  return new BandstandError("state-refused", `the folder ${path} ${message}`, { remedy, cause });
}
