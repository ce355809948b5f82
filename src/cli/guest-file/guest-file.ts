import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";

/** Largest one that is read, in bytes. */
const componentLimit = 256 << 20;

/** The module or component that a command line names. Throws `usage`. */
export function readGuest(command: string, path: string): Uint8Array {
  let file: number | undefined;
  try {
    // A named pipe would be waited for until somebody writes to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = regular(file);
    if (size > componentLimit) throw new Error(`it has ${size} bytes, at most ${componentLimit} are taken`);
    return readFileSync(file);
  } catch (cause) {
    throw new BandstandError("usage", `${command}: ${path} cannot be read: ${messageOf(cause)}`, {
      remedy: "Name the file of a component; bandstand build DIR makes one.",
      cause,
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function regular(file: number): { size: number } {
  const stat = fstatSync(file);
  if (!stat.isFile()) throw new Error("it is not a file");
  return stat;
}
