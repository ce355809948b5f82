import { readlinkSync } from "node:fs";
import { loggerTo, stderrWriter, type LogLine } from "../../foundation/log/index.ts";
import { allTold, backgroundTerminal, tells } from "./background.ts";
import { isTerminal } from "./is-terminal.ts";
import type { Terminal } from "./terminal.ts";

const used = new Set<NodeJS.WriteStream>();

/**
 * Ends once all that was written is with whoever reads it, or cannot come there any more: a pipe takes 64 KiB, and its reader
 * the rest when it likes. Where nothing was written, at once: a turn later V8 may begin to collect garbage, which takes a short
 * command a millisecond, and four where its threads meet.
 */
export function afterOutput(end: () => void): void {
  if (used.size === 0 && !tells()) return end();
  // Whether a write failed, streams tell a turn later.
  setImmediate(() => {
    const waiting = [...used].filter((stream) => stream.writableLength > 0);
    if (waiting.length === 0 && !tells()) return end();
    const flushed = waiting.map((stream) => new Promise((resolve) => stream.write("", resolve)));
    void Promise.all([...flushed, allTold()]).then(() => setImmediate(end));
  });
}

/** The terminal of this process. Nothing of it is opened before it is used: streams cost milliseconds of a short call. */
export function processTerminal(): Terminal {
  let closed: AbortController | undefined;
  const closing = (): AbortController => (closed ??= new AbortController());
  let [out, err]: (NodeJS.WriteStream | undefined)[] = [];
  const stdout = (): NodeJS.WriteStream => {
    if (out !== undefined) return out;
    out = process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      closing().abort();
      // A reader that went away has what it wanted; a full disk has not.
      if (error.code === "EPIPE") return;
      stderr().write(`bandstand: the output cannot be written: ${error.message}\n`);
      process.exitCode = 1;
    });
    used.add(out);
    return out;
  };
  // Without a reader of diagnostics a site goes on.
  const stderr = (): NodeJS.WriteStream => {
    err ??= process.stderr.on("error", () => {});
    used.add(err);
    return err;
  };
  let write: ((line: LogLine) => void) | undefined;
  let isShown = false;
  const clear = (): void => {
    if (isShown) stderr().write("\r\u001b[K");
    isShown = false;
  };
  const status = (text: string): void => {
    clear();
    if (text === "") return;
    stderr().write(text.slice(0, (process.stderr.columns || 80) - 1));
    isShown = true;
  };
  const log = (line: LogLine): void => {
    clear();
    (write ??= stderrWriter(stderr()))(line);
  };
  const human = isTerminal(2);
  const debug = process.env["BANDSTAND_DEBUG"] !== undefined;
  return backgroundTerminal({
    out: (text) => (clear(), void stdout().write(text)),
    err: (text) => (clear(), void stderr().write(text)),
    ...(human && { status }),
    logger: loggerTo(log, debug ? { minimum: "debug" } : {}),
    human,
    ...(human && isTerminal(0) ? { ask } : {}),
    environment: process.env,
    cwd: workingFolder(),
    get outputClosed() {
      return closing().signal;
    },
  });
}

/** Where relative paths begin. A folder that was removed still has a name, by which nothing is found. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return removedFolder();
  }
}

/** Linux tells it, and that it is gone: `/tmp/x (deleted)`. */
function removedFolder(): string {
  try {
    return readlinkSync("/proc/self/cwd");
  } catch {
    return "/the working folder, which was removed";
  }
}

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
