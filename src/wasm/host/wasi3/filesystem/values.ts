import {
  FileError,
  fileErrorCodes,
  fileTypes,
  type FileErrorCode,
  type FileStat,
  type FileType,
  type NewTime,
} from "../../../files/index.ts";
import type { Element } from "../../contract.ts";
import type { Guest } from "../../guest.ts";
import type { GuestMemory } from "../../memory.ts";
import { putResult, type ResultLayout, type Told } from "../../results.ts";

/** A `result<…, error-code>`, by what it holds; an `error-code` takes 16 bytes, aligned to 4. */
export const layouts = {
  /** Whatever takes no more than an error. */
  small: { size: 20, align: 4, payload: 4 },
  hash: { size: 24, align: 8, payload: 8 },
  stat: { size: 112, align: 8, payload: 8 },
} as const satisfies Record<string, ResultLayout>;

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

/** Does something and writes its result: the value, or why it failed. */
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
  put: (memory, at, { code }) => putError(memory, at, code),
};

/** Writes an `error-code`. */
function putError(memory: GuestMemory, at: number, code: FileErrorCode): void {
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

/** A `new-timestamp` of a guest, flattened. Throws `invalid` for more nanoseconds than a second has. */
export function newTime(guest: Guest, kind: number, seconds: bigint, fraction: number): NewTime {
  if (kind === 0) return "no-change";
  if (kind === 1) return "now";
  if (kind !== 2) throw guest.fail("component-trapped", `there is no new-timestamp number ${kind}`);
  const rest = BigInt(fraction >>> 0);
  if (rest >= nanoseconds) throw new FileError("invalid", "more nanoseconds than a second has");
  return BigInt.asIntN(64, seconds) * nanoseconds + rest;
}
