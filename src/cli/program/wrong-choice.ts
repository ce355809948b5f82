import { BandstandError } from "../../foundation/errors/index.ts";
import { suggest } from "../../model/problem/suggest.ts";

/** A `usage` error that lists the choices and names the nearest. */
export function wrongChoice(what: string, got: string, choices: readonly string[], remedy?: string): BandstandError {
  const near = suggest(got, choices);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const message = `${what}: expected ${choices.join(", ")}, got "${got}"${hint}`;
  return new BandstandError("usage", message, remedy === undefined ? {} : { remedy });
}
