import { BandstandError } from "../../foundation/errors/index.ts";
import { suggest } from "../../model/problem/suggest.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Command, ExitCode } from "./command.ts";
import { exitCodeOf, failureText } from "./failure.ts";
import { commandHelp, programHelp } from "./help.ts";
import { parseCall } from "./parse.ts";

export interface Program {
  commands: readonly Command[];
  /** Names that a later version has: answered with that, not as misspelt. */
  later: readonly string[];
}

/** One call of the program, from arguments to exit code. Never throws. */
export async function run(program: Program, argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(program, argv, terminal);
  } catch (error) {
    terminal.err(failureText(error, { stack: terminal.environment["BANDSTAND_DEBUG"] !== undefined }));
    return exitCodeOf(error);
  }
}

async function dispatch(program: Program, argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    terminal.err(programHelp(program.commands));
    return 2;
  }
  if (first === "--help" || first === "-h") {
    terminal.out(programHelp(program.commands));
    return 0;
  }
  const command = findCommand(program, first === "--version" ? "version" : first);
  const call = parseCall(command, rest);
  if (call.help) {
    terminal.out(commandHelp(command));
    return 0;
  }
  return command.run(call, terminal);
}

/** Throws `usage` with the nearest name. */
export function findCommand({ commands, later }: Program, name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  const choices = `It takes ${names.join(", ")}; more with bandstand --help`;
  if (later.includes(name)) {
    throw new BandstandError("usage", `bandstand ${name} is not in this version`, { remedy: choices });
  }
  const [what, known] = name.startsWith("-") ? ["option", ["--help", "--version"]] : ["command", names];
  const near = suggest(name, known);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new BandstandError("usage", `unknown ${what} ${name}${hint}`, { remedy: choices });
}
