import { BandstandError } from "../../foundation/errors/index.ts";
import type { CoreModule, MemoryType, TableType } from "../binary/index.ts";
import { Writer } from "../binary/index.ts";

/**
 * Entries that all tables of one module may begin with together. V8 takes some 16 bytes for each, and 3 ms for a hundred thousand of
 * them, whether they are made, filled or copied, in which nothing can interrupt it. Large programs have as many functions. The same goes for
 * the entries of element segments: all of one are made where the first of them is asked for.
 */
const tableEntries = 250_000;
/**
 * Entries that they may grow by together: as many as programs with dynamic linking or references to objects of the host
 * use, and so few that the collector is not held up by guests that throw them away all the time.
 */
export const tableGrowth = 1 << 16;

/** Throws `component-unsupported` where element segments are longer than tables may be: those that only declare are never made. */
export function refuseLongSegments({ elements }: CoreModule): void {
  const entries = elements.reduce((sum, { mode, functions }) => sum + (mode === "declared" ? 0 : functions.length), 0);
  if (entries <= tableEntries) return;
  refuse(
    `the component has element segments of ${entries} entries, at most ${tableEntries} are allowed`,
    "Build it with smaller tables.",
  );
}

/** Each own table with a maximum, so that a guest cannot grow them for ever. */
export function cappedTables(module: CoreModule): Uint8Array {
  const own = module.tables.slice(module.importedTables);
  const initial = own.reduce((sum, { minimum }) => sum + minimum, 0);
  if (initial > tableEntries) {
    refuse(
      `the component has tables of ${initial} entries, at most ${tableEntries} are allowed`,
      "Build it with smaller tables.",
    );
  }
  const growth = Math.floor(tableGrowth / Math.max(own.length, 1));
  const out = new Writer().u32(own.length);
  for (const table of own) {
    out.copy(module.bytes, table.start, table.limitsStart);
    writeLimits(out, table, Math.min(table.maximum ?? Number.POSITIVE_INFINITY, table.minimum + growth));
    out.copy(module.bytes, table.limitsEnd, table.end);
  }
  return out.view();
}

const wideFlag = 4;

function writeLimits(out: Writer, { minimum, wide }: TableType, maximum: number): void {
  out
    .u8(1 | (wide ? wideFlag : 0))
    .u32(minimum)
    .u32(maximum);
}

/**
 * The type of a memory import: no maximum, since the host's limit is the maximum of what it supplies. Nor is it shared:
 * a guest is one thread, and all that is left of a shared memory then is `alone.ts`.
 */
export function memoryImport(out: Writer, { minimum, wide }: MemoryType): void {
  out.u8(wide ? wideFlag : 0).u64(minimum);
}

function refuse(message: string, remedy: string): never {
  throw new BandstandError("component-unsupported", message, { remedy });
}
