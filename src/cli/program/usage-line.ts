import type { Command, Flag } from "./command.ts";

/** `bandstand up DIR [--detach] …` */
export function usageLine(command: Command): string {
  const positionals = command.positionals.map(({ name, required }) => (required ? name : `[${name}]`));
  const flags = Object.entries(command.flags).map(([name, flag]) => `[${flagText(name, flag)}]`);
  return ["bandstand", command.name, ...positionals, ...flags].join(" ");
}

export function flagText(name: string, flag: Flag, withShort = false): string {
  const value = flag.type === "string" ? ` ${flag.value ?? flag.choices?.join("|") ?? "VALUE"}` : "";
  const short = withShort && flag.short !== undefined ? `-${flag.short}, ` : "";
  return `${short}--${name}${value}`;
}
