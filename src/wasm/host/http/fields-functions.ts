import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { Fields, headerErrors, isToken, perLine, type HeaderError } from "./fields.ts";

/** Throws where the handle is of something else. */
export function fieldsOf(guest: Guest, handle: number): Fields {
  return guest.handles.get<Fields>(handle, "fields");
}

/** Bytes that could be moved while one name is looked at. */
const perEntry = 4;

/** Looking through headers takes as long as all of their names together, where they are of one length. */
function searched(guest: Guest, { list }: Fields, name: string): void {
  guest.worked(list.length * (name.length + perEntry));
}

/** A name: what is no token fails later; what is not even UTF-8 is a trap. */
export function nameAt(memory: GuestMemory, pointer: number, size: number): string {
  const name = memory.latin1(pointer, size);
  return isToken(name) ? name : memory.text(pointer, size);
}

/** `result<_, header-error>`: payload at +1. */
function putResult(memory: GuestMemory, result: number, error: HeaderError | undefined): void {
  const at = memory.at(result, 2);
  const { view } = memory;
  view.setUint8(at, error === undefined ? 0 : 1);
  if (error !== undefined) view.setUint8(at + 1, headerErrors.indexOf(error));
}

/** A guest must not have us hold, or send, headers without measure. */
function checkSize(guest: Guest, { list }: Fields): void {
  let bytes = 0;
  for (let i = 0; i < list.length; i++) bytes += list[i]!.length;
  const { headerBytes, headers } = guest.component.plan.limits;
  if (bytes <= headerBytes && list.length <= headers * 2) return;
  const message = `headers of ${bytes} bytes in ${list.length / 2} lines, at most ${headerBytes} in ${headers} are allowed`;
  throw guest.fail("component-resources", message);
}

/** The host keeps these values of a header from now on. Asked before they are set. */
export function keepsValues(guest: Guest, fields: Fields, name: string, values: readonly string[]): void {
  let bytes = name.length + fields.copyBytes;
  for (let i = 0; i < values.length; i++) bytes += values[i]!.length + perLine;
  guest.keeps(bytes);
}

/** The same bytes may stand in a list again and again, which is told before any of them is read. */
function tooLong(guest: Guest): Error {
  const { headerBytes } = guest.component.plan.limits;
  return guest.fail("component-resources", `a list of headers of more than ${headerBytes} bytes`);
}

/** A `list<list<u8>>`; undefined: it is longer than all headers together may be. */
export function valuesAt(guest: Guest, memory: GuestMemory, pointer: number, size: number): string[] | undefined {
  const count = size >>> 0;
  if (count > guest.component.plan.limits.headers)
    throw guest.fail("component-resources", `a list of ${count} header values`);
  const at = memory.from(pointer, count * 8, 4);
  if (count === 1) {
    const { view } = memory;
    return [memory.latin1(view.getUint32(at, true), view.getUint32(at + 4, true))];
  }
  const values: string[] = [];
  let left = guest.component.plan.limits.headerBytes;
  for (let i = 0; i < count; i++) {
    const { view } = memory;
    if ((left -= view.getUint32(at + i * 8 + 4, true)) < 0) return undefined;
    values.push(memory.latin1(view.getUint32(at + i * 8, true), view.getUint32(at + i * 8 + 4, true)));
  }
  return values;
}

/** Why headers cannot be: 0.3 says to the guest that they are too many, 0.2 has no word for it, and ends it. */
export type Refusal = HeaderError | "size-exceeded";

/** Adds so many entries of a `list<tuple<string, list<u8>>>`, up to the first that cannot be. */
export function addEntries(
  guest: Guest,
  memory: GuestMemory,
  fields: Fields,
  at: number,
  count: number,
): Refusal | undefined {
  const { view } = memory;
  let left = guest.component.plan.limits.headerBytes;
  for (let entry = at; entry < at + count * 16; entry += 16) {
    const [nameSize, valueSize] = [view.getUint32(entry + 4, true), view.getUint32(entry + 12, true)];
    if ((left -= nameSize + valueSize) < 0) return "size-exceeded";
    const name = nameAt(memory, view.getUint32(entry, true), nameSize);
    const value = memory.latin1(view.getUint32(entry + 8, true), valueSize);
    const error = fields.append(name, value);
    if (error !== undefined) return error;
    guest.keeps(nameSize + valueSize + perLine);
  }
  return undefined;
}

function fromList(guest: Guest, memory: GuestMemory, pointer: number, size: number): Fields | HeaderError {
  const count = size >>> 0;
  if (count > guest.component.plan.limits.headers)
    throw guest.fail("component-resources", `a list of ${count} headers`);
  const at = memory.from(pointer, count * 16, 4);
  const fields = new Fields([], true);
  const error = addEntries(guest, memory, fields, at, count);
  if (error === "size-exceeded") throw tooLong(guest);
  if (error !== undefined) return error;
  checkSize(guest, fields);
  return fields;
}

/** A `list<tuple<string, list<u8>>>`. */
export function putEntries(memory: GuestMemory, list: readonly string[], result: number): void {
  const at = memory.at(result, 8, 4);
  const start = memory.allocate(list.length * 8, 4);
  for (let i = 0; i < list.length; i++) memory.putBytes(start + i * 8, list[i]!);
  memory.view.setUint32(at, start, true);
  memory.view.setUint32(at + 4, list.length / 2, true);
}

/** A `list<list<u8>>`. */
export function putValues(memory: GuestMemory, found: readonly string[], result: number): void {
  const at = memory.at(result, 8, 4);
  const start = memory.allocate(found.length * 8, 4);
  for (let i = 0; i < found.length; i++) memory.putBytes(start + i * 8, found[i]!);
  memory.view.setUint32(at, start, true);
  memory.view.setUint32(at + 4, found.length, true);
}

export const fields = {
  "[constructor]fields": host(":i", (guest) => () => guest.handles.addAs("fields", new Fields([], true), 0, false)),
  "[static]fields.from-list": host("iii", (guest, memory) => (pointer: number, size: number, result: number) => {
    const at = memory.at(result, 8, 4);
    const made = fromList(guest, memory, pointer, size);
    const { view } = memory;
    view.setUint8(at, typeof made === "string" ? 1 : 0);
    if (typeof made === "string") view.setUint8(at + 4, headerErrors.indexOf(made));
    else view.setUint32(at + 4, guest.handles.addAs("fields", made, 0, false), true);
  }),
  "[method]fields.get": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const [fields, name] = [fieldsOf(guest, handle), nameAt(memory, pointer, size)];
      searched(guest, fields, name);
      putValues(memory, fields.values(name), result);
    },
  ),
  "[method]fields.has": host("iii:i", (guest, memory) => (handle: number, pointer: number, size: number) => {
    const [fields, name] = [fieldsOf(guest, handle), nameAt(memory, pointer, size)];
    searched(guest, fields, name);
    return fields.find(name) >= 0 ? 1 : 0;
  }),
  "[method]fields.set": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, name: number, nameSize: number, values: number, count: number, result: number) => {
        const fields = fieldsOf(guest, handle);
        const [key, all] = [nameAt(memory, name, nameSize), valuesAt(guest, memory, values, count)];
        if (all === undefined) throw tooLong(guest);
        keepsValues(guest, fields, key, all);
        searched(guest, fields, key);
        const error = fields.set(key, all);
        checkSize(guest, fields);
        putResult(memory, result, error);
      },
  ),
  "[method]fields.delete": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const fields = fieldsOf(guest, handle);
      guest.keeps(fields.copyBytes);
      const name = nameAt(memory, pointer, size);
      searched(guest, fields, name);
      putResult(memory, result, fields.delete(name));
    },
  ),
  "[method]fields.append": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, name: number, nameSize: number, value: number, valueSize: number, result: number) => {
        const fields = fieldsOf(guest, handle);
        guest.keeps(fields.copyBytes + (nameSize >>> 0) + (valueSize >>> 0) + perLine);
        const key = nameAt(memory, name, nameSize);
        searched(guest, fields, key);
        const error = fields.append(key, memory.latin1(value, valueSize));
        checkSize(guest, fields);
        putResult(memory, result, error);
      },
  ),
  "[method]fields.entries": host("ii", (guest, memory) => (handle: number, result: number) => {
    putEntries(memory, fieldsOf(guest, handle).entries, result);
  }),
  "[method]fields.clone": host("i:i", (guest) => (handle: number) => {
    return guest.handles.addAs("fields", fieldsOf(guest, handle).clone(), 0, false);
  }),
} satisfies Record<string, Function>;
