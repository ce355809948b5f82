import type { CoreModule } from "../../binary/index.ts";

/** Where the additions for a reset come to stand: behind the module's own and those of the interruption. */
export interface ResetPlaces {
  /** Types: restore `() -> i32`, range `(i32, i32) -> ()`, mark `(i32) -> ()`. */
  types: { restore: number; range: number; mark: number };
  /** Set once something was changed that a reset does not undo; behind it the copies of the mutable globals. */
  globals: { spoiled: number; copies: number };
  /** For each memory: marking a range, growing, marking one page. */
  functions: { keep: number; restore: number; range: number; grow: number; mark: number };
  /** The first memory of marks; there is one for each of the module's memories, in their order. */
  marks: number;
  /** Tables with 64-bit addresses. */
  wideTables: ReadonlySet<number>;
}

/** @param first indices behind everything that is there. */
export function resetPlaces(
  module: CoreModule,
  first: { type: number; global: number; function: number },
): ResetPlaces {
  return {
    types: { restore: first.type, range: first.type + 1, mark: first.type + 2 },
    globals: { spoiled: first.global, copies: first.global + 1 },
    functions: {
      keep: first.function,
      restore: first.function + 1,
      range: first.function + 2,
      grow: first.function + 2 + module.memories.length,
      mark: first.function + 2 + 2 * module.memories.length,
    },
    marks: module.memories.length,
    wideTables: new Set([...module.tables.keys()].filter((table) => module.tables[table]!.wide)),
  };
}
