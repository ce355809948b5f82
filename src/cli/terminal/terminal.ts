import type { Logger } from "../../foundation/log/index.ts";

/** What a command may touch of the process that it runs in; tests give one of their own. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Everything else that a person reads. */
  err(text: string): void;
  /** Diagnostics: human on a terminal, JSON lines otherwise. */
  logger: Logger;
  /** Shows a line that the next thing shown takes the place of; empty: none. Undefined where nobody looks. */
  status?: ((text: string) => void) | undefined;
  /** Whether stderr is read by a person. */
  human: boolean;
  /** Asks and answers true for yes; undefined where nobody can be asked. */
  ask?(question: string): Promise<boolean>;
  environment: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  cwd: string;
  /** Aborts when whoever read stdout went away (`| head`). */
  outputClosed: AbortSignal;
}
