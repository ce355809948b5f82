import { BandstandError, messageOf, ofSystem, type ErrorCode } from "../../foundation/errors/index.ts";
import { printable } from "../../foundation/log/index.ts";
import type { ExitCode } from "./command.ts";

/** What a person reads when a command ends with an error: what, then what to do. */
export function failureText(thrown: unknown, options: { stack?: boolean } = {}): string {
  const error = ofSystem(thrown) ?? thrown;
  if (!(error instanceof BandstandError)) return unexpected(error);
  const message = ofLines.has(error.code) ? lines(error.message) : printable(error.message);
  const rows = [`bandstand: ${message} [${error.code}]`];
  if (error.remedy !== undefined)
    rows.push(
      ...lines(error.remedy)
        .split("\n")
        .map((line) => `  ${line}`),
    );
  if (options.stack && error.stack !== undefined) rows.push(lines(error.stack));
  return `${rows.join("\n")}\n`;
}

export function exitCodeOf(thrown: unknown): ExitCode {
  const error = ofSystem(thrown) ?? thrown;
  return error instanceof BandstandError ? error.exitCode : 1;
}

/** Not foreseen, so the stack is worth more than a calm sentence. */
function unexpected(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return `bandstand: ${lines(messageOf(error))} [internal]\n  This is a mistake in Bandstand; please report it with:\n${lines(stack)}\n`;
}

/** What says what another program said: in lines. A name in any other message that holds a line's end is no line. */
const ofLines: ReadonlySet<ErrorCode> = new Set(["build-failed", "engine-broken"]);

/** Lines of a text stay lines; every other control character is escaped. */
function lines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
