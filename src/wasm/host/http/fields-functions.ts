import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { Fields, headerErrors, isToken, type HeaderError } from "./fields.ts";

export function fieldsOf(guest: Guest, handle: number): Fields {
  return guest.handles.get<Fields>(handle, "fields");
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

/** A `list<list<u8>>`. */
export function valuesAt(guest: Guest, memory: GuestMemory, pointer: number, size: number): string[] {
  const count = size >>> 0;
  if (count > guest.component.plan.limits.headers)
    throw guest.fail("component-resources", `a list of ${count} header values`);
  const at = memory.from(pointer, count * 8, 4);
  if (count === 1) {
    const { view } = memory;
    return [memory.latin1(view.getUint32(at, true), view.getUint32(at + 4, true))];
  }
  const values: string[] = [];
  for (let i = 0; i < count; i++) {
    const { view } = memory;
    values.push(memory.latin1(view.getUint32(at + i * 8, true), view.getUint32(at + i * 8 + 4, true)));
  }
  return values;
}

function fromList(guest: Guest, memory: GuestMemory, pointer: number, size: number): Fields | HeaderError {
  const count = size >>> 0;
  if (count > guest.component.plan.limits.headers)
    throw guest.fail("component-resources", `a list of ${count} headers`);
  const at = memory.from(pointer, count * 16, 4);
  const fields = new Fields([], true);
  const { view } = memory;
  for (let entry = at; entry < at + count * 16; entry += 16) {
    const name = nameAt(memory, view.getUint32(entry, true), view.getUint32(entry + 4, true));
    const value = memory.latin1(view.getUint32(entry + 8, true), view.getUint32(entry + 12, true));
    const error = fields.append(name, value);
    if (error !== undefined) return error;
  }
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
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) =>
      putValues(memory, fieldsOf(guest, handle).values(nameAt(memory, pointer, size)), result),
  ),
  "[method]fields.has": host("iii:i", (guest, memory) => (handle: number, pointer: number, size: number) => {
    return fieldsOf(guest, handle).find(nameAt(memory, pointer, size)) >= 0 ? 1 : 0;
  }),
  "[method]fields.set": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, name: number, nameSize: number, values: number, count: number, result: number) => {
        const fields = fieldsOf(guest, handle);
        const error = fields.set(nameAt(memory, name, nameSize), valuesAt(guest, memory, values, count));
        checkSize(guest, fields);
        putResult(memory, result, error);
      },
  ),
  "[method]fields.delete": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) =>
      putResult(memory, result, fieldsOf(guest, handle).delete(nameAt(memory, pointer, size))),
  ),
  "[method]fields.append": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, name: number, nameSize: number, value: number, valueSize: number, result: number) => {
        const fields = fieldsOf(guest, handle);
        const error = fields.append(nameAt(memory, name, nameSize), memory.latin1(value, valueSize));
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
