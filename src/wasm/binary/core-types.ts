import { valueType } from "./instruction.ts";
import { limits } from "./limits.ts";
import type { FunctionType, Limits } from "./module.ts";
import type { Reader } from "./reader.ts";

/** One entry of a type section: may define several types (a recursion group). */
export function recursionGroup(reader: Reader, types: (FunctionType | undefined)[]): void {
  if (reader.peek() === 0x4e) {
    reader.u8();
    for (let n = reader.count("types"); n > 0; n--) subType(reader, types);
  } else {
    subType(reader, types);
  }
}

function subType(reader: Reader, types: (FunctionType | undefined)[]): void {
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
  types.push(undefined);
  if (form === 0x5f) for (let n = reader.count("fields", 2); n > 0; n--) fieldType(reader);
  else if (form === 0x5e) fieldType(reader);
  else reader.fail(`expected a function, struct or array type, got 0x${form.toString(16)}`, reader.position - 1);
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

function fieldType(reader: Reader): void {
  const packed = reader.peek();
  if (packed === 0x78 || packed === 0x77) reader.u8();
  else valueType(reader);
  reader.u8("mutability");
}

/** Of a table or a memory: flags 1 maximum, 2 shared, 4 wide. */
export function limitsOf(reader: Reader, what: string): Limits {
  const flags = reader.u8(`the limits of a ${what}`);
  if (flags > 7)
    reader.fail(`expected the limits of a ${what}, got flags 0x${flags.toString(16)}`, reader.position - 1);
  const minimum = reader.u64();
  return { minimum, maximum: flags & 1 ? reader.u64() : undefined, shared: (flags & 2) !== 0, wide: (flags & 4) !== 0 };
}

/** A type nested too deep is an attack on the stack. */
export function guardDepth(reader: Reader, depth: number, most: number = limits.typeDepth): void {
  if (depth > most) reader.fail(`expected at most ${most} levels of nesting`);
}
