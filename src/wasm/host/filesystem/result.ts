import { FileError, fileErrorCodes, type FileErrorCode } from "../../files/index.ts";
import type { GuestMemory } from "../memory.ts";
import { putResult, type ResultLayout, type Told } from "../results.ts";

/** A `result<…, error-code>`, by what it holds: the value, or the code of the error. */
export const layouts = {
  /** Nothing, or one byte: an enumeration, flags. */
  byte: { size: 2, align: 1, payload: 1 },
  handle: { size: 8, align: 4, payload: 4 },
  text: { size: 12, align: 4, payload: 4 },
  /** A list and a bool. */
  read: { size: 16, align: 4, payload: 4 },
  size: { size: 16, align: 8, payload: 8 },
  entry: { size: 20, align: 4, payload: 4 },
  hash: { size: 24, align: 8, payload: 8 },
  stat: { size: 104, align: 8, payload: 8 },
} as const satisfies Record<string, ResultLayout>;

/** Does something and writes its result: the value, or the code of why it failed. */
export function answer<T>(
  memory: GuestMemory,
  result: number,
  layout: ResultLayout,
  act: () => T,
  put?: (at: number, value: T) => void,
): void {
  putResult(layout, told, memory, result, act, put);
}

const told: Told<FileError> = {
  kind: FileError,
  put: ({ view }, at, { code }) => view.setUint8(at, numberOf(code)),
};

/** The number of an `error-code`, which has none for too many open files. */
export function numberOf(code: FileErrorCode): number {
  return fileErrorCodes.indexOf(code === "too-many-open-files" ? "insufficient-memory" : code);
}
