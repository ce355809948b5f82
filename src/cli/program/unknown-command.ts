import { BandstandError } from "../../foundation/errors/index.ts";
import { suggest } from "../../model/problem/suggest.ts";
import type { Program } from "./run.ts";

/** The `usage` error for a name that no command has, with the nearest one. */
export function unknownCommand({ names, later }: Program, name: string): BandstandError {
  const choices = `It takes ${names.join(", ")}; more with bandstand --help`;
  if (later.includes(name)) {
    return new BandstandError("usage", `bandstand ${name} is not in this version`, { remedy: choices });
  }
  const [what, known] = name.startsWith("-") ? ["option", ["--help", "--version"]] : ["command", names];
  const near = name === "-v" || name === "-V" ? "--version" : suggest(name, known);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return new BandstandError("usage", `unknown ${what} ${name}${hint}`, { remedy: choices });
}
