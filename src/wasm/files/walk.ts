import { closeSync, constants, openSync, readlinkSync } from "node:fs";
import { FileError } from "./contract.ts";
import { refusalOf } from "./failures.ts";

/** Directories on the way are opened for nothing else: that takes no permission to read them, and no device notices. */
const onTheWay = 0o10000000 /* O_PATH */ | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Links that one path may lead through, as under Linux. */
const mostLinks = 40;
/** Bytes of a path, as under Linux. */
const longestPath = 4095;

/** What is found in the last place is a link: the walk goes on through it. */
export const isLink = Symbol("link");

/** One name in a directory that is held open: whatever happens outside of it meanwhile, it is in that directory. */
export interface Place {
  /** For calls of the operating system that follow no link in the last place. */
  readonly at: Buffer;
  /** The same with the slashes that stood behind it: only for calls that never follow a link there, or they would. */
  readonly named: Buffer;
  /** It has to be a directory. */
  readonly slash: boolean;
  /** A link here is to be followed: by answering `isLink`. */
  readonly follow: boolean;
}

/**
 * Goes along a path from an open directory, one step after the other, each in the directory that the step before
 * opened; no step follows a link by itself. Links are read and their steps taken the same way. So there is no moment
 * in which somebody who exchanges directories and links can lead it out: `..` is never asked of the operating system.
 *
 * @param root where it starts and what it does not leave: a file descriptor.
 * @param act does what is to be done in the last place, without following a link there.
 */
export function walk<T>(root: number, path: string, follow: boolean, act: (place: Place) => T | typeof isLink): T {
  const steps = new Walk(root);
  try {
    return steps.take(path, follow, act);
  } catch (error) {
    throw refusalOf(error) ?? error;
  } finally {
    steps.close();
  }
}

class Walk {
  /** From the root to where it is. */
  readonly #open: number[];
  /** Names to come, the next one last. Their characters are bytes: not all that lies on a disk is UTF-8. */
  readonly #rest: string[] = [];
  #slash = false;
  #links = 0;

  constructor(root: number) {
    this.#open = [root];
  }

  take<T>(path: string, follow: boolean, act: (place: Place) => T | typeof isLink): T {
    this.#add(Buffer.from(path, "utf8").toString("latin1"), true);
    for (;;) {
      let name = this.#rest.pop()!;
      const last = this.#rest.length === 0;
      if (name === "..") {
        this.#up();
        name = ".";
      }
      if (!last) {
        if (name !== ".") this.#enter(name);
        continue;
      }
      const done = act(this.#place(name, follow));
      if (done !== isLink) return done;
      this.#expand(name, last);
    }
  }

  close(): void {
    while (this.#open.length > 1) closeSync(this.#open.pop()!);
  }

  #add(path: string, last: boolean): void {
    if (path.length === 0) throw new FileError("no-entry", "an empty path");
    if (path.length > longestPath) throw new FileError("name-too-long", `a path of more than ${longestPath} bytes`);
    if (path.includes("\0")) throw new FileError("invalid", "a path with a NUL byte");
    if (path.startsWith("/")) throw new FileError("not-permitted", "an absolute path");
    if (last && path.endsWith("/")) this.#slash = true;
    const names = path.split("/");
    for (let i = names.length - 1; i >= 0; i--) if (names[i] !== "") this.#rest.push(names[i]!);
  }

  #up(): void {
    if (this.#open.length === 1) throw new FileError("not-permitted", "a path that leads out of its directory");
    closeSync(this.#open.pop()!);
  }

  #enter(name: string): void {
    try {
      this.#open.push(openSync(this.#pathOf(name), onTheWay));
    } catch (error) {
      if (refusalOf(error)?.code !== "not-directory") throw error;
      this.#expand(name, false);
    }
  }

  /** Takes the steps of a link instead of its name. */
  #expand(name: string, last: boolean): void {
    if (++this.#links > mostLinks) throw new FileError("loop", `a path through more than ${mostLinks} links`);
    let target: string;
    try {
      target = readlinkSync(this.#pathOf(name), "latin1");
    } catch (error) {
      if (refusalOf(error)?.code !== "invalid") throw error;
      // No link. In the last place it was one a moment ago, so that it is looked at again.
      if (!last) throw new FileError("not-directory");
      target = name;
    }
    this.#add(target, last);
  }

  #place(name: string, follow: boolean): Place {
    const at = this.#pathOf(name);
    const slash = this.#slash;
    return { at, named: slash ? this.#pathOf(`${name}/`) : at, slash, follow: follow || slash };
  }

  #pathOf(name: string): Buffer {
    return Buffer.from(`/proc/self/fd/${this.#open.at(-1)}/${name}`, "latin1");
  }
}
