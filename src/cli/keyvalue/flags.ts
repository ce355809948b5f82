import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { kindOfEntry } from "../../foundation/files/unreadable.ts";

/** The key-value stores that flags grant. */
export interface GrantedStores {
  names: string[];
  /** Undefined: they need not outlive the process. */
  file: string | undefined;
}

/** Characters of a store's name, as in the YAML of a WasmComponent. */
const longest = 128;

/** `--keyvalue` and `--keyvalue-file`. Throws `usage` for what cannot be meant. */
export function storesOf(
  command: string,
  { keyvalue = [], "keyvalue-file": file }: { keyvalue?: string[]; "keyvalue-file"?: string },
  cwd: string,
): GrantedStores {
  const fail = (message: string, remedy: string): BandstandError =>
    new BandstandError("usage", `${command}: ${message}`, { remedy });
  const names = [...new Set(keyvalue)];
  for (const name of names) {
    if (name.length <= longest) continue;
    throw fail(`--keyvalue: a name of ${name.length} characters`, `A store's name has at most ${longest}.`);
  }
  if (file === undefined) return { names, file };
  if (names.length === 0) {
    throw fail("--keyvalue-file keeps stores, and none is granted", "Name each that it may open: --keyvalue STORE");
  }
  const path = resolve(cwd, file);
  if (file === "" || !existsSync(dirname(path))) {
    throw fail(`--keyvalue-file: ${file}: its folder is not there`, "Name a file in a folder that is there.");
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    throw fail(
      `--keyvalue-file: ${file} is ${kindOfEntry(found)}: expected a file`,
      "Name a file, which is made where it is not there.",
    );
  }
  return { names, file: path };
}
