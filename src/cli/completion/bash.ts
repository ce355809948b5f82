import type { Command } from "../program/command.ts";

/** Words of options and choices; everything else is completed as a folder or file name. */
export function bashScript(commands: readonly Command[]): string {
  const cases = commands.map(({ name, flags }) => {
    const words = [...Object.keys(flags), "help"].map((flag) => `--${flag}`).join(" ");
    return `    ${name}) words="${words}" ;;`;
  });
  const choices = commands.flatMap(({ name, flags }) =>
    Object.entries(flags).flatMap(([flag, definition]) =>
      definition.choices === undefined
        ? []
        : [`    ${name}:--${flag}) COMPREPLY=($(compgen -W "${definition.choices.join(" ")}" -- "$word")); return ;;`],
    ),
  );
  return `# Completion of bandstand for bash.
_bandstand() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  case "$command:\${COMP_WORDS[COMP_CWORD-1]}" in
${choices.join("\n")}
  esac
  case "$command" in
${cases.join("\n")}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -d -- "$word")) ;;
  esac
}
complete -o filenames -F _bandstand bandstand
`;
}
