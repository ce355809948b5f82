import type { Descriptor } from "../../files/index.ts";
import type { CommandWorld } from "../cli/command-world.ts";
import type { Guest } from "../guest.ts";
import type { InputSource, OutputSink } from "../io/index.ts";
import type { Entries } from "./entries.ts";
import { Refused } from "./errno.ts";
import { directoryRights, fileRights, inputRights, outputRights, right, type Right } from "./rights.ts";

/** What every open descriptor has. */
interface Common {
  /** Rights of itself, and of what is opened through it. */
  base: number;
  inheriting: number;
  /** Rights that it would have, had they not been given up. */
  lost: number;
  /** `fdflags` that can change: append, nonblock. */
  flags: number;
}

export interface Input extends Common {
  kind: "input";
  source: InputSource;
  terminal: boolean;
}

export interface Output extends Common {
  kind: "output";
  sink: OutputSink;
  terminal: boolean;
}

export interface File extends Common {
  kind: "file";
  file: Descriptor;
  position: bigint;
}

export interface Directory extends Common {
  kind: "directory";
  file: Descriptor;
  /** The name that it was granted by; undefined: it was opened. */
  granted: string | undefined;
  /** Where reading it stopped. */
  entries: Entries | undefined;
}

export type Open = Input | Output | File | Directory;

/** Numbers that a program may have in use at a time, whatever is behind them. */
const most = 1 << 17;

/** What a program has open, by its numbers: a new one gets the smallest that is free, as in POSIX. */
export class Descriptors {
  readonly #open: (Open | undefined)[] = [];
  #free = 0;

  /** stdin, stdout and stderr, then the directories that were granted. */
  constructor(guest: Guest, world: CommandWorld) {
    const { terminals } = world;
    const output = (sink: OutputSink, terminal: boolean): Output => {
      return { kind: "output", sink, terminal, base: outputRights, inheriting: 0, lost: 0, flags: 0 };
    };
    const source = world.stdin(() => guest.notify());
    const rights = { base: inputRights, inheriting: 0, lost: 0 };
    this.add({ kind: "input", source, terminal: terminals.stdin, ...rights, flags: 0 });
    this.add(output(world.stdout, terminals.stdout));
    this.add(output(world.stderr, terminals.stderr));
    for (const { guest: granted, descriptor } of guest.directories) {
      const rights = { base: directoryRights, inheriting: directoryRights | fileRights, lost: 0 };
      this.add({ kind: "directory", file: descriptor.share(), granted, entries: undefined, ...rights, flags: 0 });
    }
  }

  add(open: Open): number {
    while (this.#open[this.#free] !== undefined) this.#free++;
    if (this.#free >= most) throw new Refused("mfile");
    this.#open[this.#free] = open;
    return this.#free;
  }

  /** Throws `badf` for a number that nothing is behind, and `notcapable` for a right that was given up. */
  get(fd: number, needs?: Right): Open {
    const found = this.#open[fd >>> 0];
    if (found === undefined) throw new Refused("badf");
    if (needs !== undefined) check(found, needs);
    return found;
  }

  /** A file with places in it. Throws `spipe` for stdio as well. */
  file(fd: number, needs: Right, stdio: "badf" | "spipe" = "badf"): File {
    const found = this.get(fd);
    if (found.kind === "input" || found.kind === "output") throw new Refused(stdio);
    if (found.kind === "directory") throw new Refused("badf");
    check(found, needs);
    return found;
  }

  directory(fd: number, needs: Right): Directory {
    const found = this.get(fd);
    if (found.kind === "file") throw new Refused("notdir");
    if (found.kind !== "directory") throw new Refused("badf");
    check(found, needs);
    return found;
  }

  close(fd: number): void {
    const found = this.get(fd);
    this.#open[fd >>> 0] = undefined;
    this.#free = Math.min(this.#free, fd >>> 0);
    end(found);
  }

  /** What is behind one number moves to another one, which is closed. Both are open. */
  renumber(from: number, to: number): void {
    const [moved, replaced] = [this.get(from), this.get(to)];
    if (moved === replaced) return;
    this.#open[to >>> 0] = moved;
    this.#open[from >>> 0] = undefined;
    this.#free = Math.min(this.#free, from >>> 0);
    end(replaced);
  }
}

/** Gives up all rights but these. Throws `notcapable` for one that is not there. */
export function keepRights(open: Open, base: number, inheriting: number): void {
  if ((base & ~open.base) !== 0 || (inheriting & ~open.inheriting) !== 0) throw new Refused("notcapable");
  open.lost |= open.base & ~base;
  open.base = base;
  open.inheriting = inheriting;
}

/** What something gets that is opened through a directory, whose rights may have been given up. */
export function rightsBelow({ inheriting }: Directory, own: number): Pick<Common, "base" | "lost"> {
  return { base: own & inheriting, lost: own & ~inheriting };
}

function check({ lost }: Open, needs: Right): void {
  if ((lost & right[needs]) !== 0) throw new Refused("notcapable");
}

function end(open: Open): void {
  if (open.kind === "input") open.source.close();
  else if (open.kind !== "output") {
    if (open.kind === "directory") open.entries?.close();
    open.file.close();
  }
}
