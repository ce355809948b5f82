import { DatabaseSync } from "node:sqlite";

/**
 * A lock that one process holds and that ends with it, however it ends. Node offers no file locks of its own;
 * SQLite takes the system's (fcntl), which need no guess whether a process number is still the same process.
 * Undefined where another process holds it for `patience` milliseconds.
 */
export function takeLock(path: string, patience = 0): { release(): void } | undefined {
  const database = new DatabaseSync(path, { timeout: patience });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    // SQLITE_BUSY
    if ((error as { errcode?: number }).errcode === 5) return undefined;
    throw error;
  }
  return { release: () => database.isOpen && database.close() };
}
