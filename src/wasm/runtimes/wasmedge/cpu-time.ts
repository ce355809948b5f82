import { readFileSync } from "node:fs";

/** The kernel's USER_HZ: what `/proc` counts in is 10 ms wherever Linux runs. */
const tick = 10;

/** CPU time that a process took so far, in milliseconds; undefined where it is gone. See proc(5). */
export function cpuTime(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is a name that may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tick;
  } catch {
    return undefined;
  }
}
