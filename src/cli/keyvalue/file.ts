import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteStores } from "../../wasm/keyvalue/index.ts";

/**
 * A file that worker threads share; where none is named, one that is gone when it is closed. What is kept lies in that one file
 * then, and in none beside it. Throws `state-refused` for a file that keeps something else.
 */
export function storesFile(named: string | undefined): { file: string; close(): void } {
  if (named !== undefined) {
    const settle = (): void => new SqliteStores(named).close();
    settle();
    return { file: named, close: settle };
  }
  const folder = mkdtempSync(join(tmpdir(), "bandstand-stores-"));
  return { file: join(folder, "stores.sqlite"), close: () => rmSync(folder, { recursive: true, force: true }) };
}
