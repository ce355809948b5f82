import type { Stats } from "node:fs";
import { messageOf } from "../errors/index.ts";

/** Why something cannot be read, as it is said of it: `x.yaml is not there`. */
export function whyUnreadable(error: unknown): string {
  const { code = "" } = error as NodeJS.ErrnoException;
  return reasons[code] ?? `cannot be read: ${messageOf(error)}`;
}

const reasons: Partial<Record<string, string>> = {
  ENOENT: "is not there",
  ENOTDIR: "is not there: a part of the path is a file",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  EISDIR: "is a folder",
  ELOOP: "leads back to itself",
  ENAMETOOLONG: "has a name that is too long",
  // Opening a socket, or a pipe or a device that nobody is behind.
  ENXIO: "is a socket or a device",
};

/** What `stat` says of it, or the folder that it stands in. */
export type Entry = Pick<Stats, "isFile" | "isDirectory" | "isFIFO" | "isSocket">;

/** What stands in a place, for who expected something else there: `is a folder: expected a file`. */
export function kindOfEntry(entry: Entry): string {
  if (entry.isFile()) return "a file";
  if (entry.isDirectory()) return "a folder";
  if (entry.isFIFO()) return "a named pipe";
  return entry.isSocket() ? "a socket" : "a device";
}
