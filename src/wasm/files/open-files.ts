import { FileError } from "./contract.ts";

/** Files and directories that one guest has open at a time: the host's own number is one for all that it does. */
const mostOpen = 1000;

/** Something that is open, and what ends it however many use it. */
export interface Opened {
  end(): void;
}

/** What one guest has open. */
export class OpenFiles {
  readonly #opened = new Set<Opened>();

  /** Throws `too-many-open-files` where one more would be too many. */
  makeRoom(): void {
    if (this.#opened.size < mostOpen) return;
    throw new FileError("too-many-open-files", `more than ${mostOpen} files are open at a time`);
  }

  add(opened: Opened): void {
    this.#opened.add(opened);
  }

  delete(opened: Opened): void {
    this.#opened.delete(opened);
  }

  end(): void {
    for (const opened of this.#opened) opened.end();
  }
}
