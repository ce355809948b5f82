import { BandstandError } from "../../foundation/errors/index.ts";
import { suggest } from "../../model/problem/suggest.ts";
import { commonFlags, type Call, type Command, type Flag } from "./command.ts";
import { tokensOf } from "./tokens.ts";
import { usageLine } from "./usage-line.ts";

/** Arguments of one command, checked. Throws `usage` with the nearest choice. */
export function parseCall(command: Command, argv: readonly string[]): Call & { help: boolean } {
  const known = { ...command.flags, ...commonFlags };
  const tokens = tokensOf(argv, known);
  const passed = restOf(command, argv, tokens);
  const positionals: string[] = [];
  const values = new Map<string, string | boolean | string[]>();
  for (const token of tokens) {
    if (passed !== undefined && token.index >= passed.from) break;
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (flag === undefined) throw unknownFlag(command, token.rawName, Object.keys(known));
    const value = checkedValue(command, flag, token);
    if (flag.multiple) values.set(token.name, [...((values.get(token.name) as string[]) ?? []), String(value)]);
    else values.set(token.name, value);
  }
  positionals.push(...(passed?.args ?? []));
  const help = values.get("help") === true;
  values.delete("help");
  if (!help) checkPositionals(command, positionals);
  // Each was checked against its definition, which the types follow.
  return { positionals, flags: Object.fromEntries(values) as Call["flags"], help };
}

/** Of a command that passes arguments on: from which on, and which. */
function restOf(
  { positionals }: Command,
  argv: readonly string[],
  tokens: readonly { kind: string; index: number }[],
): { from: number; args: string[] } | undefined {
  if (!positionals.some(({ rest }) => rest)) return undefined;
  const first = tokens.find(({ kind }) => kind === "positional");
  return first === undefined ? undefined : { from: first.index, args: argv.slice(first.index) };
}

function checkedValue(
  command: Command,
  flag: Flag,
  {
    name,
    rawName,
    value,
    inlineValue,
  }: { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
): string | boolean {
  const wanted = flag.value ?? flag.choices?.join("|") ?? "VALUE";
  if (flag.type === "boolean") {
    if (inlineValue) throw wrongCall(command, `${rawName} takes no value, got "${value}"`);
    return true;
  }
  if (value === undefined || (value === "" && flag.mayBeEmpty !== true)) {
    throw wrongCall(command, `${rawName} needs a value: ${rawName} ${wanted}`);
  }
  if (!inlineValue && value.startsWith("-")) {
    const meant =
      value === "-" ? `for a file of that name write ${rawName} ./-` : `write --${name}=${value} if it is meant`;
    throw wrongCall(command, `${rawName} needs a value, got ${value}; ${meant}`);
  }
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const near = suggest(value, flag.choices);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw wrongCall(command, `${rawName}: expected ${flag.choices.join(", ")}, got "${value}"${hint}`);
  }
  return value;
}

function checkPositionals(command: Command, given: string[]): void {
  const missing = command.positionals.slice(given.length).find((positional) => positional.required);
  if (missing !== undefined) throw wrongCall(command, `${missing.name} is missing: ${missing.summary}`);
  // Most likely a variable of a script that is not set. It would stand for this folder.
  const empty = command.positionals.find(({ rest }, index) => rest !== true && given[index] === "");
  if (empty !== undefined) throw wrongCall(command, `${empty.name} is empty: ${empty.summary}`);
  if (command.positionals.at(-1)?.rest) return;
  const extra = given[command.positionals.length];
  if (extra !== undefined) throw wrongCall(command, `unexpected argument "${extra}"`);
}

function unknownFlag(command: Command, name: string, known: string[]): BandstandError {
  const near = suggest(name.replace(/^-+/, ""), known);
  const hint =
    near === undefined ? `it takes ${known.map((each) => `--${each}`).join(", ")}` : `did you mean --${near}?`;
  return wrongCall(command, `unknown option ${name}; ${hint}`);
}

function wrongCall(command: Command, message: string): BandstandError {
  const remedy = `Usage: ${usageLine(command)}; more with bandstand ${command.name} --help`;
  return new BandstandError("usage", `${command.name}: ${message}`, { remedy });
}
