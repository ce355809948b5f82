import type { Command, Flag } from "../program/command.ts";

export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, flags, positionals }) => {
    const options = Object.entries(flags).map(([flag, definition]) => quote(option(flag, definition)));
    const rest = positionals.map(({ name: word, completes }) =>
      quote(`:${word}:${completes === "folder" ? "_files -/" : completes === "file" ? "_files" : ""}`),
    );
    return `    ${name}) _arguments ${[...options, "'--help[Show this help.]'", ...rest].join(" ")} ;;`;
  });
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
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_bandstand" ]; then _bandstand; else compdef _bandstand bandstand; fi
`;
}

function option(name: string, { type, summary, value, choices, multiple }: Flag): string {
  const repeat = multiple ? "*" : "";
  const text = summary.replaceAll(/[[\]:]/g, " ");
  if (type === "boolean") return `${repeat}--${name}[${text}]`;
  return `${repeat}--${name}[${text}]:${(value ?? "value").replaceAll(":", " ")}:${choices ? `(${choices.join(" ")})` : ""}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
