import { posix } from "node:path";

/**
 * A path that a resource names (`file`, `source`, the build annotation), relative to the folder of the
 * file that names it, as a path relative to the site's folder: `.` is the site's folder itself.
 * undefined where it is absolute or leads out of the site's folder. Only the text is looked at; links
 * are followed, and checked again, by whoever opens it.
 */
export function pathInSite(file: string, path: string): string | undefined {
  if (path.includes("\0") || path.includes("\\") || posix.isAbsolute(path)) return undefined;
  const joined = posix.join(posix.dirname(file), path).replace(/(?<=.)\/$/, "");
  return joined === ".." || joined.startsWith("../") ? undefined : joined;
}
