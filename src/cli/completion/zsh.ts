import type { Command, Flag, Positional } from "../program/command.ts";
import { commonFlags } from "../program/command.ts";

export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const names = commands.map(({ name }) => name);
  return `#compdef bandstand
# Completion of bandstand for zsh.
_bandstand() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((command) => `    ${command.name}) ${argumentsOf(command, names)} ;;`).join("\n")}
  esac
}
if [ "$funcstack[1]" = "_bandstand" ]; then _bandstand; else compdef _bandstand bandstand; fi
`;
}

function argumentsOf({ flags, positionals }: Command, names: readonly string[]): string {
  const options = Object.entries({ ...flags, ...commonFlags }).map(([flag, definition]) => option(flag, definition));
  const rest = positionals.map((each) => quote(positional(each, names)));
  // What stands behind the program that is run is that program's own.
  const ends = positionals.some((each) => each.rest) ? ["-A", quote("-*")] : [];
  return ["_arguments", ...ends, ...options, ...rest].join(" ");
}

function positional({ name, rest, choices, completes }: Positional, names: readonly string[]): string {
  if (rest) return `*:${name}:_files`;
  return `:${name}:${action(completes === "command" ? names : choices, completes)}`;
}

function option(name: string, { type, short, summary, value, choices, completes, multiple }: Flag): string {
  const takes = type === "string";
  const text = `[${summary.replaceAll(/[[\]:]/g, " ")}]`;
  const rest = takes ? `:${(value ?? "value").replaceAll(":", " ")}:${action(choices, completes)}` : "";
  const long = `--${name}${takes ? "=" : ""}`;
  if (short === undefined) return quote(`${multiple ? "*" : ""}${long}${text}${rest}`);
  const excluded = multiple ? "*" : `(-${short} --${name})`;
  return `${quote(excluded)}{-${short}${takes ? "+" : ""},${long}}${quote(text + rest)}`;
}

function action(choices: readonly string[] | undefined, completes: Positional["completes"]): string {
  if (choices !== undefined) return `(${choices.join(" ")})`;
  return completes === "folder" ? "_files -/" : completes === "file" ? "_files" : "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
