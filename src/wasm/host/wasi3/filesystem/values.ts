import {
  FileError,
  fileErrorCodes,
  fileTypes,
  type FileErrorCode,
  type FileStat,
  type FileType,
} from "../../../files/index.ts";
import type { Element } from "../../contract.ts";
import type { GuestMemory } from "../../memory.ts";

/** A `result<_, error-code>`, as futures have it. */
export const doneElement: Element = { size: 20, align: 4, plain: false };
/** A `directory-entry`. */
export const entryElement: Element = { size: 24, align: 4, plain: false };

/** The cases of `error-code` in their order; whatever else there is comes as the last one, `other`, with its name. */
const cases = fileErrorCodes.filter((code) => code !== "would-block" && code !== "too-many-open-files");
const otherError = cases.length;
/** The cases of `descriptor-type`: 0.2's without the first. */
const otherType = fileTypes.length - 1;
const nanoseconds = 1_000_000_000n;

/** Writes an `error-code`. */
export function putError(memory: GuestMemory, at: number, code: FileErrorCode): void {
  const found = (cases as readonly string[]).indexOf(code);
  memory.view.setUint8(at, found < 0 ? otherError : found);
  if (found >= 0) return;
  memory.putText(at + 8, code);
  memory.view.setUint8(at + 4, 1);
}

/** Writes a `result<_, error-code>`. */
export function putDone(memory: GuestMemory, at: number, error: FileError | undefined): void {
  if (error !== undefined) putError(memory, at + 4, error.code);
  memory.view.setUint8(at, error === undefined ? 0 : 1);
}

/** Writes a `descriptor-type`. */
export function putType({ view }: GuestMemory, at: number, type: FileType): void {
  const place = fileTypes.indexOf(type);
  view.setUint8(at, place === 0 ? otherType : place - 1);
  // Of what it is nothing more is known.
  if (place === 0) view.setUint8(at + 4, 0);
}

/** Writes a `descriptor-stat`. */
export function putStat(memory: GuestMemory, at: number, stat: FileStat): void {
  const { view } = memory;
  putType(memory, at, stat.type);
  view.setBigUint64(at + 16, stat.linkCount, true);
  view.setBigUint64(at + 24, stat.size, true);
  putInstant(view, at + 32, stat.accessed);
  putInstant(view, at + 56, stat.modified);
  putInstant(view, at + 80, stat.changed);
}

/** Writes an `option<instant>`, whose nanoseconds count onwards before 1970 too. */
function putInstant(view: DataView, at: number, time: bigint): void {
  const rest = ((time % nanoseconds) + nanoseconds) % nanoseconds;
  view.setUint8(at, 1);
  view.setBigInt64(at + 8, (time - rest) / nanoseconds, true);
  view.setUint32(at + 16, Number(rest), true);
}
