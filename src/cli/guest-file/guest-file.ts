import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { standStill } from "../../foundation/time/stand-still.ts";
import { kindOfEntry, whyUnreadable } from "../../foundation/files/unreadable.ts";

/** Largest one that is read, in bytes. */
const componentLimit = 256 << 20;
/** Stands for stdin, as in other programs. */
const stdin = "-";
/** What a shell calls a pipe that it opened itself: `<(curl ...)`. Somebody writes to it, which can be waited for. */
const shellsPipe = /^\/(?:dev\/(?:stdin$|fd\/)|proc\/self\/fd\/)/;

/** The module or component that a command line names, by a path from a folder on, or `-`. Throws `usage`. */
export function readGuest(command: string, file: string, folder: string): Uint8Array {
  const path = file === stdin ? "/dev/stdin" : resolve(folder, file);
  const said = file === stdin ? "stdin" : path;
  const refused = (why: string, remedy: string, cause?: unknown): BandstandError =>
    new BandstandError("usage", `${command}: ${said} ${why}`, { remedy, cause });
  const named = "Name the file of a component; bandstand build DIR makes one.";
  if (/^https?:\/\//i.test(file)) {
    throw new BandstandError("usage", `${command}: ${file} is a URL: expected a file`, {
      remedy: `Fetch it first, for example: curl -fL ${file} | bandstand ${command} -`,
    });
  }
  let opened: number | undefined;
  try {
    // A named pipe would be waited for until somebody writes to it.
    opened =
      file === stdin ? 0 : openSync(path, constants.O_RDONLY | (shellsPipe.test(path) ? 0 : constants.O_NONBLOCK));
    const stats = fstatSync(opened);
    if (!mayRead(stats, path)) throw refused(`is ${kindOfEntry(stats)}: expected a file`, named);
    if (stats.size > componentLimit) {
      throw refused(`has ${stats.size} bytes: at most ${componentLimit} are taken`, named);
    }
    const bytes = stats.isFile() ? readFileSync(opened) : readPipe(opened);
    if (bytes === undefined) throw refused(`has no end: at most ${componentLimit} bytes are taken`, named);
    return bytes;
  } catch (error) {
    throw error instanceof BandstandError ? error : refused(whyUnreadable(error), named, error);
  } finally {
    if (opened !== undefined && opened !== 0) closeSync(opened);
  }
}

function mayRead(stats: Stats, path: string): boolean {
  return stats.isFile() || ((stats.isFIFO() || stats.isSocket()) && shellsPipe.test(path));
}

/** All that comes; undefined: more than is taken. */
function readPipe(pipe: number): Uint8Array | undefined {
  const pieces: Buffer[] = [];
  for (let total = 0; total <= componentLimit;) {
    const piece = Buffer.allocUnsafe(64 << 10);
    const size = readSome(pipe, piece);
    if (size === 0) return Buffer.concat(pieces, total);
    pieces.push(piece.subarray(0, size));
    total += size;
  }
  return undefined;
}

/** Milliseconds between two looks at a pipe in which nothing is yet. */
const lookInterval = 5;

/** Whoever else has a pipe may have set it not to be waited for: then a look that finds nothing says so. */
function readSome(pipe: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(pipe, into);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      standStill(lookInterval);
    }
  }
}
