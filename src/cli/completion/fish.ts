import type { Command, Flag } from "../program/command.ts";
import { commonFlags } from "../program/command.ts";

export function fishScript(commands: readonly Command[]): string {
  const rows = commands.flatMap((command) => [
    `complete -c bandstand -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    ...positional(command, commands),
    ...Object.entries({ ...command.flags, ...commonFlags }).map(([name, flag]) => option(command.name, name, flag)),
  ]);
  return `# Completion of bandstand for fish.
function __bandstand_is
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]
end
function __bandstand_first
    __bandstand_is $argv[1]; and test (count (commandline -opc)) -eq 2
end
complete -c bandstand -f
${rows.join("\n")}
`;
}

const folders = "'(__fish_complete_directories)'";

function positional({ name, positionals }: Command, commands: readonly Command[]): string[] {
  const [first] = positionals;
  const begins = `complete -c bandstand -n ${quote(`__bandstand_is ${name}`)}`;
  const once = `complete -c bandstand -n ${quote(`__bandstand_first ${name}`)}`;
  if (first?.choices !== undefined) return [`${once} -a ${quote(first.choices.join(" "))}`];
  if (first?.completes === "folder") return [`${begins} -a ${folders}`];
  if (first?.completes === "file") return [`${begins} -F`];
  if (first?.completes !== "command") return [];
  return commands.map((command) => `${once} -a ${command.name} -d ${quote(command.summary)}`);
}

function option(command: string, name: string, { type, short, summary, choices, completes }: Flag): string {
  const values = choices === undefined ? "" : ` -a ${quote(choices.join(" "))}`;
  const paths = completes === "folder" ? ` -a ${folders}` : "";
  const value = type === "boolean" ? "" : completes === "file" ? " -r -F" : ` -x${values}${paths}`;
  const letter = short === undefined ? "" : ` -s ${short}`;
  return `complete -c bandstand -n ${quote(`__bandstand_is ${command}`)} -l ${name}${letter}${value} -d ${quote(summary)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
