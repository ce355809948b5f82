import type { Command, Flag } from "../program/command.ts";
import { commonFlags } from "../program/command.ts";

/** Runs in the bash of macOS (3.2) too, which has no `compopt`. */
export function bashScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# Completion of bandstand for bash.
_bandstand() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words="" what=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))
    return
  fi
  # The shell takes --flag=value apart.
  if [ "$word" = "=" ]; then word=""; elif [ "$before" = "=" ]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case "$command:$before" in
${commands.flatMap(values).join("\n")}
    *)
      case "$command:$COMP_CWORD:$word" in
${commands.map(options).join("\n")}
${commands.flatMap((command) => positional(command, names)).join("\n")}
      esac ;;
  esac
  case "$what" in
    folder | file) compopt -o filenames 2>/dev/null ;;
  esac
  local IFS=$'\\n'
  case "$what" in
    folder) COMPREPLY=($(compgen -d -- "$word")) ;;
    file) COMPREPLY=($(compgen -f -- "$word")) ;;
    words) COMPREPLY=($(compgen -W "\${words// /$IFS}" -- "$word")) ;;
  esac
}
complete -F _bandstand bandstand
`;
}

/** What stands behind options that take a value; of some nobody can guess. */
function values({ name, flags }: Command): string[] {
  return Object.entries(flags)
    .filter(([, { type }]) => type === "string")
    .map(([flag, { short, choices, completes = "" }]) => {
      const pattern = spelled(flag, short)
        .map((each) => `${name}:${each}`)
        .join(" | ");
      return `    ${pattern}) ${choices === undefined ? `what=${completes}` : wordsOf(choices)} ;;`;
    });
}

function options({ name, flags }: Command): string {
  return `        ${name}:*:-*) ${wordsOf(Object.keys({ ...flags, ...commonFlags }).map((flag) => `--${flag}`))} ;;`;
}

function positional({ name, positionals }: Command, names: string): string[] {
  const [first] = positionals;
  if (first?.completes === "command") return [`        ${name}:2:*) ${wordsOf([names])} ;;`];
  if (first?.choices !== undefined) return [`        ${name}:2:*) ${wordsOf(first.choices)} ;;`];
  return first?.completes === undefined ? [] : [`        ${name}:*) what=${first.completes} ;;`];
}

function wordsOf(words: readonly string[]): string {
  return `what=words words="${words.join(" ")}"`;
}

function spelled(flag: string, short: Flag["short"]): string[] {
  return [`--${flag}`, ...(short === undefined ? [] : [`-${short}`])];
}
