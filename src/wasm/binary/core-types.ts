import { valueType } from "./instruction.ts";
import { limits } from "./limits.ts";
import type { CoreModule, FunctionType, Limits } from "./module.ts";
import type { Reader } from "./reader.ts";

/** Where types are put. */
type Types = Pick<CoreModule, "types" | "objects" | "holdsExceptions">;

/** One entry of a type section: may define several types (a recursion group). */
export function recursionGroup(reader: Reader, module: Types): void {
  if (reader.peek() === 0x4e) {
    reader.u8();
    for (let n = reader.count("types"); n > 0; n--) subType(reader, module);
  } else {
    subType(reader, module);
  }
}

/** Forms of types that are of proposals. */
const proposed: Record<number, string> = {
  0x5d: "stack switching",
  0x65: "types and objects that threads share",
  0x4c: "custom descriptors of types",
  0x4d: "custom descriptors of types",
};

/** Bytes before the fields of a structure, as V8 has it. */
const header = 16;

function subType(reader: Reader, module: Types): void {
  const { types, objects } = module;
  const first = reader.peek();
  if (first === 0x50 || first === 0x4f) {
    reader.u8();
    for (let n = reader.count("supertypes"); n > 0; n--) reader.u32("a supertype");
  }
  const form = reader.u8("a type");
  if (form === 0x60) {
    types.push(functionType(reader));
    return;
  }
  if (form === 0x5f) {
    const fields = reader.count("fields", 2);
    let bytes = header;
    for (let n = fields; n > 0; n--) bytes += Math.max(fieldType(reader, module), 4);
    objects[types.length] = { kind: "struct", fields, bytes: (bytes + 7) & ~7 };
  } else if (form === 0x5e) objects[types.length] = { kind: "array", fields: 0, bytes: fieldType(reader, module) };
  else if (form in proposed) reader.unsupported(proposed[form]!, reader.position - 1);
  else reader.fail(`expected a function, struct or array type, got 0x${form.toString(16)}`, reader.position - 1);
  types.push(undefined);
}

/** Behind its 0x60. */
function functionType(reader: Reader): FunctionType {
  return { params: valueTypes(reader, "parameters"), results: valueTypes(reader, "results") };
}

function valueTypes(reader: Reader, what: string): number[] {
  const found: number[] = [];
  for (let n = reader.count(what); n > 0; n--) found.push(valueType(reader));
  return found;
}

/** Answers how many bytes it takes at most. */
function fieldType(reader: Reader, module: Types): number {
  const first = reader.peek();
  if (first === 0x78 || first === 0x77) reader.u8();
  else if (isException(reader)) module.holdsExceptions = true;
  else valueType(reader);
  reader.u8("mutability");
  return valueBytes[first] ?? 8;
}

/** By the first byte of a type; references take 8. */
const valueBytes: Record<number, number> = { 0x78: 1, 0x77: 2, 0x7f: 4, 0x7d: 4, 0x7b: 16 };

/** Reads a type where it is one of exceptions. */
function isException(reader: Reader): boolean {
  const start = reader.position;
  const first = reader.u8("a value type");
  if (first === exceptions) return true;
  if ((first === 0x63 || first === 0x64) && reader.u8("a type") === exceptions) return true;
  reader.position = start;
  return false;
}

const exceptions = 0x69;

/** The type of a global, table or element segment; notes what it may hold. Answers its first byte. */
export function heldType(reader: Reader, module: CoreModule): number {
  if (isException(reader)) {
    module.holdsExceptions = true;
    return exceptions;
  }
  const start = reader.position;
  const first = valueType(reader);
  const isReference = first < 0x75;
  if (!isReference || isPlain(first) || module.holdsObjects) return first;
  const end = reader.position;
  reader.position = start + 1;
  // A type by its index, or an abstract one by its byte.
  const heap = first === 0x63 || first === 0x64 ? reader.s33() : first - 0x80;
  reader.position = end;
  module.holdsObjects = heap >= 0 ? module.types[heap] === undefined : !isPlain(heap + 0x80);
  return first;
}

/** References to functions, to numbers of 31 bits, and to nothing: no objects. */
function isPlain(type: number): boolean {
  return type === 0x70 || type === 0x6c || (type >= 0x71 && type <= 0x74);
}

/** Of a table or a memory: flags 1 maximum, 2 shared, 4 wide. */
export function limitsOf(reader: Reader, what: string): Limits {
  const flags = reader.u8(`the limits of a ${what}`);
  if (flags > 7 && flags < 16) reader.unsupported("memories with pages of another size", reader.position - 1);
  if (flags > 7)
    reader.fail(`expected the limits of a ${what}, got flags 0x${flags.toString(16)}`, reader.position - 1);
  const minimum = reader.u64();
  return { minimum, maximum: flags & 1 ? reader.u64() : undefined, shared: (flags & 2) !== 0, wide: (flags & 4) !== 0 };
}

/** A type nested too deep is an attack on the stack. */
export function guardDepth(reader: Reader, depth: number, most: number = limits.typeDepth): void {
  if (depth > most) reader.fail(`expected at most ${most} levels of nesting`);
}
