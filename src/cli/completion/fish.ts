import type { Command } from "../program/command.ts";

export function fishScript(commands: readonly Command[]): string {
  const rows = commands.flatMap(({ name, summary, flags }) => [
    `complete -c bandstand -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
    ...Object.entries(flags).map(([flag, { type, short, summary: text, choices }]) => {
      const value = type === "boolean" ? "" : choices ? ` -x -a ${quote(choices.join(" "))}` : " -r";
      const letter = short === undefined ? "" : ` -s ${short}`;
      return `complete -c bandstand -n '__fish_seen_subcommand_from ${name}' -l ${flag}${letter}${value} -d ${quote(text)}`;
    }),
  ]);
  return `# Completion of bandstand for fish.\n${rows.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
