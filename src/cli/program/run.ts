import type { Terminal } from "../terminal/terminal.ts";
import type { Command, ExitCode } from "./command.ts";
import { parseCall } from "./parse.ts";

export interface Program {
  /** Of all commands, in the order of help. */
  names: readonly string[];
  /** Undefined where there is none of that name. */
  load(name: string): Promise<Command | undefined>;
  /** Names that a later version has: answered with that, not as misspelt. */
  later: readonly string[];
}

/** One call of the program, from arguments to exit code. Never throws. */
export async function run(program: Program, argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(program, argv, terminal);
  } catch (error) {
    // Most calls succeed, and need not load it.
    const { exitCodeOf, failureText } = await import("./failure.ts");
    terminal.err(failureText(error, { stack: terminal.environment["BANDSTAND_DEBUG"] !== undefined }));
    return exitCodeOf(error);
  }
}

async function dispatch(program: Program, argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h") {
    const [{ programHelp }, commands] = await Promise.all([import("./help.ts"), allCommands(program)]);
    if (first === undefined) terminal.err(programHelp(commands));
    else terminal.out(programHelp(commands));
    return first === undefined ? 2 : 0;
  }
  const command = await findCommand(program, first === "--version" ? "version" : first);
  const call = parseCall(command, rest);
  if (call.help) {
    const { commandHelp } = await import("./help.ts");
    terminal.out(commandHelp(command));
    return 0;
  }
  return command.run(call, terminal);
}

/** In the order of help. */
export async function allCommands({ names, load }: Program): Promise<Command[]> {
  const loaded = await Promise.all(names.map((name) => load(name)));
  return loaded.filter((command) => command !== undefined);
}

/** Throws `usage` with the nearest name. */
export async function findCommand(program: Program, name: string): Promise<Command> {
  const found = await program.load(name);
  if (found !== undefined) return found;
  const { unknownCommand } = await import("./unknown-command.ts");
  throw unknownCommand(program, name);
}
