import { DatabaseSync } from "node:sqlite";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { shellWord } from "../../foundation/files/index.ts";

/**
 * A lock that one process holds and that ends with it, however it ends. Node offers no file locks of its own;
 * SQLite takes the system's (fcntl), which need no guess whether a process number is still the same process.
 * Undefined where another process holds it for `patience` milliseconds. Throws `state-refused` for a file that is no lock, and
 * `environment`.
 */
export function takeLock(path: string, patience = 0): { release(): void } | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: patience });
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const { errcode = 0 } = error as { errcode?: number };
    // SQLITE_BUSY
    if (errcode === 5) return undefined;
    throw unusable(path, errcode & 0xff, error);
  }
  return { release: () => database.isOpen && database.close() };
}

function unusable(path: string, errcode: number, cause: unknown): BandstandError {
  // SQLITE_CORRUPT, SQLITE_NOTADB. Nothing is kept in it.
  if (errcode === 11 || errcode === 26) {
    return new BandstandError("state-refused", `${path} is damaged`, {
      remedy: `Delete it: rm ${shellWord(path)}`,
      cause,
    });
  }
  return new BandstandError("environment", `${path} cannot be locked: ${messageOf(cause)}`, {
    remedy: "Let this user write to that folder, or choose another for the state of sites: export BANDSTAND_STATE=DIR",
    cause,
  });
}
