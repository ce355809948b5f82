import type { Guest } from "../guest.ts";
import { hostLimits } from "../limits.ts";
import type { GuestMemory } from "../memory.ts";
import type { OutgoingBody } from "./resources.ts";

/** The cases of `method` in order; the next one carries any other. */
const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

export function putMethod(memory: GuestMemory, result: number, method: string): void {
  const at = memory.at(result, 12, 4);
  const place = method === "GET" ? 0 : methods.indexOf(method);
  if (place < 0) memory.putText(at + 4, method);
  memory.view.setUint8(at, place < 0 ? methods.length : place);
}

/** A method, target, scheme or authority that a guest sets; undefined: it is too long for one. */
export function partAt(memory: GuestMemory, pointer: number, size: number): string | undefined {
  return size >>> 0 > hostLimits.partOfHead ? undefined : memory.text(pointer, size);
}

/** Undefined: it is too long for one. */
export function methodAt(
  guest: Guest,
  memory: GuestMemory,
  place: number,
  pointer: number,
  size: number,
): string | undefined {
  if (place === methods.length) return partAt(memory, pointer, size);
  return methods[place] ?? wrongCase(guest, "method", place);
}

/** An `option<scheme>`. */
export function putScheme(memory: GuestMemory, result: number, scheme: string | undefined): void {
  const at = memory.at(result, 16, 4);
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") memory.putText(at + 8, scheme);
  const { view } = memory;
  view.setUint8(at, scheme === undefined ? 0 : 1);
  view.setUint8(at + 4, scheme === "http" ? 0 : scheme === "https" ? 1 : 2);
}

/** Undefined: it is too long for one. */
export function schemeAt(
  guest: Guest,
  memory: GuestMemory,
  place: number,
  pointer: number,
  size: number,
): string | undefined {
  if (place === 0) return "http";
  if (place === 1) return "https";
  if (place !== 2) return wrongCase(guest, "scheme", place);
  const text = partAt(memory, pointer, size);
  return text !== undefined && /^https?$/i.test(text) ? text.toLowerCase() : text;
}

/** An `option<string>`. */
export function putOptionalText(memory: GuestMemory, result: number, text: string | undefined): void {
  const at = memory.at(result, 12, 4);
  if (text !== undefined) memory.putText(at + 4, text);
  memory.view.setUint8(at, text === undefined ? 0 : 1);
}

/** A `result` with a handle in it; undefined: the error, which carries nothing. */
export function putHandle(memory: GuestMemory, result: number, handle: number | undefined): void {
  const at = memory.at(result, 8, 4);
  const { view } = memory;
  view.setUint8(at, handle === undefined ? 1 : 0);
  if (handle !== undefined) view.setUint32(at + 4, handle, true);
}

/** Gives the guest a body to write. */
export function addBody({ handles }: Guest, body: OutgoingBody): number {
  return handles.addAs("outgoing-body", body, 0, true);
}

export function wrongCase(guest: Guest, type: string, place: number): never {
  throw guest.fail("component-trapped", `there is no case ${place} of ${type}`);
}
