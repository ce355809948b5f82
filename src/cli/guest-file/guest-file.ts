import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { BandstandError } from "../../foundation/errors/index.ts";
import { kindOfEntry, whyUnreadable } from "../../foundation/files/unreadable.ts";

/** Largest one that is read, in bytes. */
const componentLimit = 256 << 20;

/** The module or component that a command line names. Throws `usage`. */
export function readGuest(command: string, path: string): Uint8Array {
  const refused = (why: string, cause?: unknown): BandstandError =>
    new BandstandError("usage", `${command}: ${path} ${why}`, {
      remedy: "Name the file of a component; bandstand build DIR makes one.",
      cause,
    });
  let file: number | undefined;
  try {
    // A named pipe would be waited for until somebody writes to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refused(`is ${kindOfEntry(stats)}: expected a file`);
    const { size } = stats;
    if (size > componentLimit) throw refused(`has ${size} bytes: at most ${componentLimit} are taken`);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof BandstandError ? error : refused(whyUnreadable(error), error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
