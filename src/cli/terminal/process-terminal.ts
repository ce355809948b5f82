import { createInterface } from "node:readline/promises";
import { loggerTo, stderrWriter } from "../../foundation/log/index.ts";
import { backgroundTerminal } from "./background.ts";
import type { Terminal } from "./terminal.ts";

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const closed = new AbortController();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    closed.abort();
    // A reader that went away has what it wanted; a full disk has not.
    if (error.code === "EPIPE") return;
    process.stderr.write(`bandstand: the output cannot be written: ${error.message}\n`);
    process.exitCode = 1;
  });
  // Without a reader of diagnostics a site goes on.
  process.stderr.on("error", () => {});
  const human = process.stderr.isTTY === true;
  const debug = process.env["BANDSTAND_DEBUG"] !== undefined;
  return backgroundTerminal({
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    logger: loggerTo(stderrWriter(), debug ? { minimum: "debug" } : {}),
    human,
    ...(human && process.stdin.isTTY === true ? { ask } : {}),
    environment: process.env,
    cwd: process.cwd(),
    outputClosed: closed.signal,
  });
}

async function ask(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
