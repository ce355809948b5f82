import type { Command } from "./command.ts";
import { flagText, usageLine } from "./usage-line.ts";

/** Help of one command. */
export function commandHelp(command: Command): string {
  const rows = [`${command.summary}`, "", `Usage: ${usageLine(command)}`];
  if (command.details !== undefined) rows.push("", command.details);
  const positionals = command.positionals.map(({ name, summary }) => [name, summary] as const);
  if (positionals.length > 0) rows.push("", "Arguments:", ...table(positionals));
  const flags = Object.entries(command.flags).map(
    ([name, flag]) => [flagText(name, flag, true), flag.summary] as const,
  );
  rows.push("", "Options:", ...table([...flags, ["-h, --help", "Show this help."]]));
  if (command.examples.length > 0) rows.push("", "Examples:", ...command.examples.map((line) => `  ${line}`));
  return `${rows.join("\n")}\n`;
}

/** Help of the program. */
export function programHelp(commands: readonly Command[]): string {
  return `${[
    "Bandstand: containers and WebAssembly components side by side, from one folder of Kubernetes YAML.",
    "",
    "Usage: bandstand COMMAND [ARGUMENTS]",
    "",
    "Commands:",
    ...table(commands.map(({ name, summary }) => [name, summary] as const)),
    "",
    "Options:",
    ...table([
      ["-h, --help", "Show help; after a command, help of that."],
      ["--version", "Show versions."],
    ]),
    "",
    "Exit codes: 0 done, 1 a problem was found or something failed, 2 wrong call, 3 the environment lacks something.",
  ].join("\n")}\n`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => {
    if (left.length > width) return `  ${left}\n  ${" ".repeat(width)}  ${right}`;
    return `  ${left.padEnd(width)}  ${right}`;
  });
}
