import type { Terminal } from "../terminal/terminal.ts";

/**
 * 0 done · 1 a problem was found or something failed · 2 wrong call · 3 the environment lacks something. `run` answers
 * with the code of what it ran.
 */
export type ExitCode = number;

/** One option of a command; the key in `flags` is its long name. */
export interface Flag {
  type: "boolean" | "string";
  /** One letter. */
  short?: string;
  summary: string;
  /** What stands for the value in help: `HOST:PORT`. */
  value?: string;
  /** The only values it takes. */
  choices?: readonly string[];
  /** What a shell completes its value with, as far as that is a path. */
  completes?: "folder" | "file";
  /** May be given several times; then its value is a list. */
  multiple?: boolean;
  /** An empty value is one: not a variable of a script that was not set. */
  mayBeEmpty?: boolean;
}

export type Flags = Record<string, Flag>;

/** What every command takes beside its own. */
export const commonFlags: Flags = { help: { type: "boolean", short: "h", summary: "Show this help." } };

export interface Positional {
  name: string;
  summary: string;
  required?: boolean;
  /** Everything from the first of these on, options too, is its own affair. */
  rest?: boolean;
  /** What a shell completes it with. */
  completes?: "folder" | "file" | "command";
  /** The only values it takes. */
  choices?: readonly string[];
}

/** What the user gave, checked against the definition. */
export interface Call<F extends Flags = Flags> {
  positionals: string[];
  flags: FlagValues<F>;
}

export type FlagValues<F extends Flags> = {
  -readonly [N in keyof F]?: F[N]["type"] extends "boolean"
    ? boolean
    : F[N] extends { multiple: true }
      ? string[]
      : string;
};

/** A command as data: parsing, help and completion are made from it. */
export interface Command<F extends Flags = Flags> {
  name: string;
  /** One line, a verb first. */
  summary: string;
  /** Paragraphs for its own help. */
  details?: string;
  positionals: readonly Positional[];
  flags: F;
  examples: readonly string[];
  /** Imports what it needs when called, so that help starts fast. Throws BandstandError. */
  run(call: Call<F>, terminal: Terminal): Promise<ExitCode>;
}

/** Keeps the flags' types of a definition. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return command;
}
