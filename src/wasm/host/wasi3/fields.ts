import { host, type Function } from "../define.ts";
import {
  addEntries,
  fields as before,
  fieldsOf,
  keepsValues,
  nameAt,
  putEntries,
  putValues,
  valuesAt,
  type Refusal,
} from "../http/fields-functions.ts";
import { Fields, headerErrors } from "../http/fields.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";

const sizeExceeded = 3;

/** A `result` with a `header-error`: its payload at 4, 20 bytes in all. */
function refuse(memory: GuestMemory, at: number, error: Refusal): void {
  memory.view.setUint8(at, 1);
  memory.view.setUint8(at + 4, error === "size-exceeded" ? sizeExceeded : headerErrors.indexOf(error));
}

function putResult(memory: GuestMemory, result: number, error: Refusal | undefined): void {
  const at = memory.at(result, 20, 4);
  if (error === undefined) memory.view.setUint8(at, 0);
  else refuse(memory, at, error);
}

/** Whether so much more still fits. */
function fits(guest: Guest, { list }: Fields, more: readonly string[]): boolean {
  let bytes = 0;
  for (const text of list) bytes += text.length;
  for (const text of more) bytes += text.length;
  const { headerBytes, headers } = guest.component.plan.limits;
  return bytes <= headerBytes && list.length + more.length <= headers * 2;
}

function fromList(guest: Guest, memory: GuestMemory, pointer: number, size: number): Fields | Refusal {
  const count = size >>> 0;
  if (count > guest.component.plan.limits.headers) return "size-exceeded";
  const at = memory.from(pointer, count * 16, 4);
  const fields = new Fields([], true);
  return addEntries(guest, memory, fields, at, count) ?? fields;
}

/** As in 0.2 but for errors, which carry more, and for two names. */
export const fields = {
  "[constructor]fields": before["[constructor]fields"],
  "[method]fields.get": before["[method]fields.get"],
  "[method]fields.has": before["[method]fields.has"],
  "[method]fields.clone": before["[method]fields.clone"],
  "[method]fields.copy-all": host("ii", (guest, memory) => (handle: number, result: number) => {
    putEntries(memory, fieldsOf(guest, handle).entries, result);
  }),
  "[static]fields.from-list": host("iii", (guest, memory) => (pointer: number, size: number, result: number) => {
    const at = memory.at(result, 20, 4);
    const made = fromList(guest, memory, pointer, size);
    if (typeof made === "string") return refuse(memory, at, made);
    memory.view.setUint8(at, 0);
    memory.view.setUint32(at + 4, guest.handles.add(made), true);
  }),
  "[method]fields.set": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, name: number, nameSize: number, values: number, count: number, result: number) => {
        const fields = fieldsOf(guest, handle);
        const key = nameAt(memory, name, nameSize);
        const all = valuesAt(guest, memory, values, count);
        const added = all?.flatMap((value) => [key, value]) ?? [];
        const doesFit = all !== undefined && fits(guest, fields, added);
        if (doesFit) keepsValues(guest, fields, key, all);
        putResult(memory, result, doesFit ? fields.set(key, all) : "size-exceeded");
      },
  ),
  "[method]fields.delete": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const fields = fieldsOf(guest, handle);
      guest.keeps(fields.copyBytes);
      putResult(memory, result, fields.delete(nameAt(memory, pointer, size)));
    },
  ),
  "[method]fields.get-and-delete": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const at = memory.at(result, 20, 4);
      const found = fieldsOf(guest, handle);
      const name = nameAt(memory, pointer, size);
      const values = found.values(name);
      guest.keeps(found.copyBytes);
      const error = found.delete(name);
      if (error !== undefined) return refuse(memory, at, error);
      putValues(memory, values, at + 4);
      memory.view.setUint8(at, 0);
    },
  ),
  "[method]fields.append": host(
    "iiiiii",
    (guest, memory) =>
      (handle: number, name: number, nameSize: number, value: number, valueSize: number, result: number) => {
        const fields = fieldsOf(guest, handle);
        const [key, text] = [nameAt(memory, name, nameSize), memory.latin1(value, valueSize)];
        const doesFit = fits(guest, fields, [key, text]);
        if (doesFit) keepsValues(guest, fields, key, [text]);
        putResult(memory, result, doesFit ? fields.append(key, text) : "size-exceeded");
      },
  ),
} satisfies Record<string, Function>;
