import { readdirSync, readFileSync } from "node:fs";

/** What a thread has had of the machine. */
export interface ThreadTime {
  /** Milliseconds of CPU time, in steps of ten. */
  used: number;
  /** It runs, or would if it were given a CPU; otherwise it waits for something. */
  runnable: boolean;
}

/** Reads the time of the one thread of this process with a name (its first 15 bytes); undefined where that is not known. */
export function threadTimeOf(name: string): () => ThreadTime | undefined {
  let folder: string | undefined;
  return () => {
    try {
      return timeIn(readFileSync(`${(folder ??= folderOf(name))}/stat`, "latin1"));
    } catch {
      return undefined;
    }
  };
}

function folderOf(name: string): string {
  const tasks = "/proc/self/task";
  const found = readdirSync(tasks).filter(
    (id) => readFileSync(`${tasks}/${id}/comm`, "utf8").trimEnd() === name.slice(0, 15),
  );
  if (found.length !== 1) throw new Error(`${found.length} threads are called ${name}`);
  return `${tasks}/${found[0]}`;
}

/** `proc_pid_stat(5)`: the state is the third field, times of user and system the 14th and 15th, in ticks of 10 ms. */
function timeIn(stat: string): ThreadTime {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { used: (Number(fields[11]) + Number(fields[12])) * 10, runnable: fields[0] === "R" };
}

/**
 * Tells a thread that does not turn from one that others keep from turning: on a machine with much else at work it may have
 * had a second's worth of CPU time in ten, and to end it would only add to the work.
 */
export class Patience {
  readonly #read: () => ThreadTime | undefined;
  readonly #enough: number;
  #usedThen: number | undefined;

  /** @param enough milliseconds of CPU time without an answer after which it is the thread's own fault. */
  constructor(read: () => ThreadTime | undefined, enough: number) {
    this.#read = read;
    this.#enough = enough;
  }

  /** It turned. */
  answered(): void {
    this.#usedThen = this.#read()?.used;
  }

  /** It could not have turned: it wants to run, and had too little of the machine since it last answered. */
  isStarved(): boolean {
    const now = this.#read();
    return (
      now !== undefined && now.runnable && this.#usedThen !== undefined && now.used - this.#usedThen < this.#enough
    );
  }
}
