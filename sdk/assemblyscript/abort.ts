import { log } from "./around";

/** What `abort`, `assert` and failed checks of the language end in: a line in the log, then a trap. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "abort" : message;
  const where = file === null ? "" : ` (${file}:${line}:${column})`;
  log(what + where);
  unreachable();
}
