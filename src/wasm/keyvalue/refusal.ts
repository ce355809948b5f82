import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { shellWord } from "../../foundation/files/shell-word.ts";
import { BandstandError, makeRoom, messageOf, noSpace } from "../../foundation/errors/index.ts";

/** Why the stores of a file cannot be used, with what to do about just that. Only what is no database of ours is said to be damaged. */
export function unusable(path: string, cause: unknown): BandstandError {
  const what = `the key-value stores in ${path} cannot be used`;
  const kind = ((cause as { errcode?: number }).errcode ?? 0) & 0xff;
  if (isFull(path, kind)) {
    return new BandstandError("environment", `${what}: ${noSpace}; what they keep is as it was`, {
      remedy: makeRoom,
      cause,
    });
  }
  if (ofAccess.has(kind)) {
    return new BandstandError("environment", `${what}: ${messageOf(cause)}`, {
      remedy: "Let this user read and write the file and its folder, or name another.",
      cause,
    });
  }
  return new BandstandError("state-refused", `${what}: ${messageOf(cause)}`, {
    remedy: `Restore it from a copy, or move it away to begin anew: mv ${shellWord(path)} ${shellWord(`${path}.damaged`)}`,
    cause,
  });
}

/** SQLITE_PERM, READONLY, IOERR, CANTOPEN, AUTH. */
const ofAccess: ReadonlySet<number> = new Set([3, 8, 10, 14, 23]);

/** SQLite says SQLITE_FULL of a write, and IOERR or CANTOPEN of a file beside it that it could not make. */
function isFull(path: string, kind: number): boolean {
  if (kind === 13) return true;
  if (kind !== 10 && kind !== 14) return false;
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < leastRoom;
  } catch {
    return false;
  }
}

/** What SQLite needs beside a file to open it, in bytes: two pages and the index of its log. */
const leastRoom = 64 << 10;
