import { printable } from "../../foundation/log/index.ts";

/** Which requests get a line: all, those answered with 5xx or ended by an error, none. */
export type AccessLogMode = "all" | "errors" | "off";

export interface AccessEntry {
  id: string;
  remote: string;
  method: string;
  authority: string;
  target: string;
  status: number;
  /** Milliseconds. */
  duration: number;
  route: string;
  backend: string;
  /** The code of the error that ended it. */
  error: string | undefined;
}

const flushAfter = 100;
const flushAt = 64 * 1024;

/** Access log lines as JSON, collected and handed on a few times a second: writing is off the request path. */
export class AccessLog {
  readonly mode: AccessLogMode;
  readonly #write: (lines: string) => void;
  #lines = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(mode: AccessLogMode, write: (lines: string) => void) {
    this.mode = mode;
    this.#write = write;
  }

  wants(status: number, error: string | undefined): boolean {
    return this.mode === "all" || (this.mode === "errors" && (status >= 500 || error !== undefined));
  }

  add(entry: AccessEntry): void {
    // Method, status, route and id are ours or checked; what a client writes freely is escaped.
    this.#lines +=
      `{"time":"${timestamp()}","id":"${entry.id}","remote":"${entry.remote}","method":"${entry.method}",` +
      `"authority":${text(entry.authority)},"target":${text(entry.target)},` +
      `"status":${entry.status},"seconds":${secondsOf(entry.duration)},` +
      `"route":"${entry.route}","backend":"${entry.backend}"` +
      `${entry.error === undefined ? "" : `,"error":"${entry.error}"`}}\n`;
    if (this.#lines.length >= flushAt) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), flushAfter);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === "") return;
    const lines = this.#lines;
    this.#lines = "";
    this.#write(lines);
  }
}

/** In quotes, with all escaped that a terminal might obey. */
function text(value: string): string {
  return plain.test(value) ? `"${value}"` : printable(JSON.stringify(value));
}

/** Nearly always there is nothing to escape. */
const plain = /^[\x20!#-[\]-~]*$/;

/** Six decimals, of milliseconds: `toFixed` costs more than the rest of a line. */
function secondsOf(milliseconds: number): string {
  const micro = Math.max(0, Math.round(milliseconds * 1000));
  const rest = micro % 1_000_000;
  return `${(micro - rest) / 1_000_000}.${String(rest + 1_000_000).slice(1)}`;
}

let second = 0;
let prefix = "";

/** ISO 8601 with milliseconds; all but the milliseconds is made once a second. */
function timestamp(): string {
  const now = Date.now();
  const rest = now % 1000;
  if (now - rest !== second) {
    second = now - rest;
    prefix = new Date(second).toISOString().slice(0, 20);
  }
  return `${prefix}${rest < 10 ? "00" : rest < 100 ? "0" : ""}${rest}Z`;
}
