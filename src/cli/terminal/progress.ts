import { printable } from "../../foundation/log/index.ts";
import type { Terminal } from "./terminal.ts";

/** What is done quickly needs no word. Milliseconds. */
const quick = 1000;
/** Milliseconds between two lines: in place for a person, and one after the other. */
const [inPlace, apart] = [100, 5000];

/** How far work has got that consists of many parts: a line in place on a terminal, else a line of the log now and then. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #since = performance.now();
  readonly #stop: AbortSignal | undefined;
  #shown = 0;
  #logged = 0;

  /** @param what is done: `preparing components`. @param stop after which nobody wants to hear of it. */
  constructor(terminal: Terminal, what: string, stop?: AbortSignal) {
    this.#terminal = terminal;
    this.#what = what;
    this.#stop = stop;
  }

  /** So many parts are done, and this one is next or was last. */
  step(part: string, done: number, of: number): void {
    const now = performance.now();
    if (now - this.#since < quick || this.#stop?.aborted === true) return;
    const { status, human, logger } = this.#terminal;
    if (status !== undefined && now - this.#shown >= inPlace) {
      this.#shown = now;
      status(`${this.#what}: ${done} of ${of}, ${printable(part)}`);
    }
    if (human || now - (this.#logged || this.#since) < apart) return;
    this.#logged = now;
    logger.info(this.#what, { done, of, at: part });
  }

  /** What comes next has the line. */
  end(): void {
    if (this.#shown > 0) this.#terminal.status?.("");
  }
}
