import { FileError, fileErrorCodes, type FileErrorCode, type FileStat, type FileType } from "../../files/index.ts";
import { flatten, host, type Function } from "../define.ts";
import type { GuestMemory } from "../memory.ts";
import type { ResultDialect } from "../results.ts";
import { numberOfType, putStat } from "./values.ts";

/** What a result holds: nothing or one byte; a handle; a string; a hash; a `descriptor-stat`. */
type Holds = "byte" | "handle" | "text" | "hash" | "stat";

/** How a version of WASI has the functions that all have. */
export interface Dialect extends ResultDialect<Holds, FileError> {
  /** @param parameters a letter each, as `flatten` takes them; the place of the result comes after them. */
  define(parameters: string, bind: Function["bind"]): Function;
  putType(memory: GuestMemory, at: number, type: FileType): void;
  putStat(memory: GuestMemory, at: number, stat: FileStat): void;
  /** Seconds of a time, which are signed in one. */
  seconds(value: bigint): bigint;
}

export const wasi2: Dialect = {
  define: (parameters, bind) => host(`${flatten(parameters)}i`, bind),
  layouts: {
    byte: { size: 2, align: 1, payload: 1 },
    handle: { size: 8, align: 4, payload: 4 },
    text: { size: 12, align: 4, payload: 4 },
    hash: { size: 24, align: 8, payload: 8 },
    stat: { size: 104, align: 8, payload: 8 },
  },
  told: { kind: FileError, put: ({ view }, at, { code }) => view.setUint8(at, numberOf(code)) },
  putType: ({ view }, at, type) => view.setUint8(at, numberOfType(type)),
  putStat,
  seconds: (value) => BigInt.asUintN(64, value),
};

/** The number of an `error-code` of 0.2, which has none for too many open files. */
export function numberOf(code: FileErrorCode): number {
  return fileErrorCodes.indexOf(code === "too-many-open-files" ? "insufficient-memory" : code);
}
