import { openFiles } from "../../foundation/process/open-files.ts";
import { FileError } from "./contract.ts";

/** Files and directories that a guest may have open without anybody looking how many there may be. */
const few = 256;
/** What is left to the host: it loads parts of itself when they are first needed. */
const reserve = 32;
/** Whatever the system allows: its numbers of descriptors would be as many entries of a table. */
const most = 65_536;

/** Something that is open, and what ends it however many use it. */
export interface Opened {
  end(): void;
}

/** What one guest has open. */
export class OpenFiles {
  readonly #opened = new Set<Opened>();
  readonly #most: () => number;

  /** @param most how many may be open; asked for only where there are many. */
  constructor(most: () => number = mostOpen) {
    this.#most = most;
  }

  /** Throws `too-many-open-files` where one more would be too many. */
  makeRoom(): void {
    const { size } = this.#opened;
    if (size < few || size < this.#most()) return;
    throw new FileError("too-many-open-files", `more than ${size} files are open at a time`);
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

let found: number | undefined;

/** As many as this process may have, but for what the host itself needs: a command has a process to itself. */
function mostOpen(): number {
  return (found ??= Math.min(most, openFiles() - reserve));
}
