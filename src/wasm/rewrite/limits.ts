import { BandstandError } from "../../foundation/errors/index.ts";
import type { CoreModule, MemoryType, TableType } from "../binary/index.ts";
import { Writer } from "../binary/index.ts";

/** Entries that all tables of one module may have together; V8 takes some 16 bytes for each. */
export const tableEntries = 1_000_000;

/** Each own table with a maximum, so that a guest cannot grow them for ever. */
export function cappedTables(module: CoreModule): Uint8Array {
  const own = module.tables.slice(module.importedTables);
  if (own.some(({ shared, wide }) => shared || wide)) refuse("the component has a shared or 64-bit table");
  const initial = own.reduce((sum, { minimum }) => sum + minimum, 0);
  if (initial > tableEntries) {
    refuse(
      `the component has tables of ${initial} entries, at most ${tableEntries} are allowed`,
      "Build it with smaller tables.",
    );
  }
  const growth = Math.floor((tableEntries - initial) / Math.max(own.length, 1));
  const out = new Writer().u32(own.length);
  for (const table of own) {
    out.copy(module.bytes, table.start, table.limitsStart);
    writeLimits(out, table, Math.min(table.maximum ?? Number.POSITIVE_INFINITY, table.minimum + growth));
    out.copy(module.bytes, table.limitsEnd, table.end);
  }
  return out.view();
}

function writeLimits(out: Writer, table: TableType, maximum: number): void {
  out.u8(1).u32(table.minimum).u32(maximum);
}

/** The type of a memory import: no maximum, since the host's limit is the maximum of what it supplies. */
export function memoryImport(out: Writer, memory: MemoryType): void {
  if (memory.shared || memory.wide) refuse("the component has a shared or 64-bit memory");
  out.u8(0).u32(memory.minimum);
}

function refuse(message: string, remedy = "Build it for wasm32 without threads."): never {
  throw new BandstandError("component-unsupported", message, { remedy });
}
