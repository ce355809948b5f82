import { FileError, fileErrorCodes, type FileErrorCode } from "../../files/index.ts";
import type { GuestMemory } from "../memory.ts";

/** How a `result<…, error-code>` lies in memory. */
interface Layout {
  size: number;
  align: 1 | 4 | 8;
  /** Where what it holds begins: the value, or the code of the error. */
  payload: number;
}

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
} as const satisfies Record<string, Layout>;

/** Does something and writes its result: the value, or the code of why it failed. */
export function answer<T>(
  memory: GuestMemory,
  result: number,
  { size, align, payload }: Layout,
  act: () => T,
  put?: (at: number, value: T) => void,
): void {
  const at = memory.at(result, size, align);
  let value: T;
  try {
    value = act();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    memory.view.setUint8(at, 1);
    memory.view.setUint8(at + payload, numberOf(error.code));
    return;
  }
  put?.(at + payload, value);
  memory.view.setUint8(at, 0);
}

/** The number of an `error-code`, which has none for too many open files. */
export function numberOf(code: FileErrorCode): number {
  return fileErrorCodes.indexOf(code === "too-many-open-files" ? "insufficient-memory" : code);
}
