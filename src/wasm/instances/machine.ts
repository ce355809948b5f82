import { readFileSync } from "node:fs";
import { usableMemory } from "../../foundation/process/usable-memory.ts";

/** What the machine has, as a process sees it. Bytes. */
export interface Machine {
  /** What this process may take. */
  readonly usable: number;
  /** What this process holds. */
  held(): number;
  /** What it could still get. @param held what it holds. */
  available(held: number): number;
}

/** This one, where nobody else has set how much a process may take; else what is left of that. */
export function thisMachine(): Machine {
  const usable = usableMemory();
  const rss = (): number => process.memoryUsage.rss();
  // What a group of processes has in use counts files that are only cached, too.
  if (usable < process.getBuiltinModule("node:os").totalmem())
    return { usable, held: () => heldForGood() ?? rss(), available: (held) => usable - held };
  return { usable, held: rss, available: () => process.availableMemory() };
}

/** Resident bytes without those of files, the engine's own code above all (65 MB), which the kernel can take back at any time. Undefined: not on Linux. */
export function heldForGood(): number | undefined {
  let status: string;
  try {
    status = readFileSync("/proc/self/status", "latin1");
  } catch {
    return undefined;
  }
  const all = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const files = /^RssFile:\s+(\d+) kB$/m.exec(status)?.[1];
  return all === undefined || files === undefined ? undefined : (Number(all) - Number(files)) * 1024;
}
