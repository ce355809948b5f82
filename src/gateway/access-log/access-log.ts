import type { Named } from "../http1/read-request.ts";
import { LineWriter } from "./line-writer.ts";

/** Which requests get a line: all, those answered with 5xx or ended by an error, none. */
export type AccessLogMode = "all" | "errors" | "off";

export interface AccessEntry {
  named: Named;
  remote: string;
  method: string;
  authority: string;
  target: string;
  status: number;
  /** When it was over, by `performance.now()`. */
  ended: number;
  /** Milliseconds. */
  duration: number;
  route: string;
  backend: string;
  /** The code of the error that ended it. */
  error: string | undefined;
}

const flushAfter = 100;
const size = 64 * 1024;
/** More than a line has besides its texts. */
const around = 400;
/** A character of a text that is escaped takes at most so many. */
const escaped = 6;

/** Access log lines as JSON, collected and handed on a few times a second: writing is off the request path. */
export class AccessLog {
  readonly mode: AccessLogMode;
  readonly #write: (lines: Uint8Array) => void;
  readonly #lose: (lines: number) => void;
  #lines: LineWriter | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param write gets whole lines in UTF-8, which are lent to it until it gives them back.
   * @param lose hears how many lines are lost, since what was written before is not taken.
   */
  constructor(mode: AccessLogMode, write: (lines: Uint8Array) => void, lose: (lines: number) => void) {
    this.mode = mode;
    this.#write = write;
    this.#lose = lose;
  }

  wants(status: number, error: string | undefined): boolean {
    return this.mode === "all" || (this.mode === "errors" && (status >= 500 || error !== undefined));
  }

  add(entry: AccessEntry): void {
    const { method, remote, authority, target, route, backend, error } = entry;
    const texts = method.length + remote.length + route.length + backend.length + (error?.length ?? 0);
    const most = texts + escaped * (authority.length + target.length) + around;
    const lines = (this.#lines ??= new LineWriter(size));
    if (most > lines.room) {
      this.flush();
      lines.need(most);
    }
    lines.line(entry);
    this.#timer ??= setTimeout(() => this.flush(), flushAfter);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === undefined || this.#lines.count === 0) return;
    const { count } = this.#lines;
    const lines = this.#lines.taken();
    if (lines === undefined) this.#lose(count);
    else this.#write(lines);
  }
}
