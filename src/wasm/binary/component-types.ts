import { BandstandError } from "../../foundation/errors/index.ts";
import type { Extern, InstanceDeclaration, Primitive, TypeDefinition, ValueRef, ValueShape } from "./component.ts";
import { externName, outerOrExportAlias } from "./component-alias.ts";
import { guardDepth, limitsOf, recursionGroup } from "./core-types.ts";
import { valueType } from "./instruction.ts";
import { externKinds } from "./module.ts";
import type { Reader } from "./reader.ts";

/** One entry of a component's type section. */
export function typeDefinition(reader: Reader, depth = 0): TypeDefinition {
  guardDepth(reader, depth);
  const form = reader.u8("a type");
  switch (form) {
    case 0x40:
    case 0x43:
      return componentFunction(reader, form === 0x43);
    case 0x41:
      for (let n = reader.count("declarations"); n > 0; n--) {
        if (reader.peek() === 0x03) {
          reader.u8();
          externName(reader);
          extern(reader);
        } else instanceDeclaration(reader, depth + 1);
      }
      return { kind: "component" };
    case 0x42: {
      const definitions: InstanceDeclaration[] = [];
      for (let n = reader.count("declarations"); n > 0; n--) definitions.push(instanceDeclaration(reader, depth + 1));
      return { kind: "instance", definitions };
    }
    case 0x3f:
    case 0x3e:
      return resourceType(reader, form === 0x3e);
    default:
      return { kind: "value", value: valueShape(reader, form) };
  }
}

function componentFunction(reader: Reader, async: boolean): TypeDefinition {
  const params: { name: string; type: ValueRef }[] = [];
  for (let n = reader.count("parameters", 2); n > 0; n--) {
    params.push({ name: reader.name("a parameter's name"), type: valueRef(reader) });
  }
  const form = reader.u8("a result");
  if (form === 0x00) return { kind: "func", params, result: valueRef(reader), async };
  if (form !== 0x01 || reader.u32("a result") !== 0) reader.fail("expected one result or none", reader.position - 1);
  return { kind: "func", params, result: undefined, async };
}

function resourceType(reader: Reader, asynchronous: boolean): TypeDefinition {
  const at = reader.position - 1;
  reader.u8("a representation");
  if (asynchronous) {
    throw new BandstandError(
      "component-unsupported",
      `byte ${reader.place.base + at}: the component defines a resource with an asynchronous destructor`,
      { remedy: "Build it with a destructor that does not wait." },
    );
  }
  return { kind: "resource", destructor: reader.u8("a destructor") === 1 ? reader.u32("a destructor") : undefined };
}

function instanceDeclaration(reader: Reader, depth: number): InstanceDeclaration {
  const form = reader.u8("a declaration");
  switch (form) {
    case 0x00:
      coreType(reader, depth);
      return { kind: "core-type" };
    case 0x01:
      return { kind: "type", type: typeDefinition(reader, depth) };
    case 0x02:
      return outerOrExportAlias(reader);
    case 0x04:
      return { kind: "export", name: externName(reader), extern: extern(reader) };
    default:
      return reader.fail(`expected a declaration, got 0x${form.toString(16)}`, reader.position - 1);
  }
}

/** What an import or export is. */
export function extern(reader: Reader): Extern {
  const form = reader.u8("what it is");
  switch (form) {
    case 0x00:
      if (reader.u8() !== 0x11) reader.fail("expected a core module", reader.position - 1);
      return { kind: "core-module", type: reader.u32("a type") };
    case 0x01:
      return { kind: "func", type: reader.u32("a type") };
    case 0x02:
      if (reader.u8() === 0) reader.u32("a value");
      else valueRef(reader);
      return { kind: "value" };
    case 0x03: {
      const bound = reader.u8("a bound");
      if (bound === 0x00) return { kind: "type", equals: reader.u32("a type") };
      if (bound === 0x01) return { kind: "resource" };
      return reader.fail(`expected the bound of a type, got 0x${bound.toString(16)}`, reader.position - 1);
    }
    case 0x04:
      return { kind: "component", type: reader.u32("a type") };
    case 0x05:
      return { kind: "instance", type: reader.u32("a type") };
    default:
      return reader.fail(`expected what it is, got 0x${form.toString(16)}`, reader.position - 1);
  }
}

/** A core type inside a component: function types and module types; nothing of them is kept. */
export function coreType(reader: Reader, depth = 0): void {
  guardDepth(reader, depth);
  // 0x50 alone begins a module type; a final sub type is written 0x00 0x50 there.
  if (reader.peek() === 0x00) reader.u8();
  else if (reader.peek() === 0x50) {
    reader.u8();
    for (let n = reader.count("declarations"); n > 0; n--) moduleDeclaration(reader, depth + 1);
    return;
  }
  recursionGroup(reader, { types: [], objects: [], holdsExceptions: false });
}

function moduleDeclaration(reader: Reader, depth: number): void {
  const form = reader.u8("a declaration");
  if (form === 0x01) coreType(reader, depth);
  else if (form === 0x02) {
    reader.take(2, "an alias");
    reader.u32("a count");
    reader.u32("an index");
  } else if (form === 0x00 || form === 0x03) {
    reader.name();
    if (form === 0x00) reader.name();
    coreExtern(reader);
  } else reader.fail(`expected a declaration, got 0x${form.toString(16)}`, reader.position - 1);
}

function coreExtern(reader: Reader): void {
  const kind = externKinds[reader.u8("what it is")];
  if (kind === "func") reader.u32("a type");
  else if (kind === "table") {
    valueType(reader);
    limitsOf(reader, "table");
  } else if (kind === "memory") limitsOf(reader, "memory");
  else if (kind === "global") {
    valueType(reader);
    reader.u8("mutability");
  } else if (kind === "tag") {
    reader.u8();
    reader.u32("a type");
  } else reader.fail("expected a function, table, memory, global or tag", reader.position - 1);
}

const primitives: readonly Primitive[] = [
  "string", "char", "f64", "f32", "u64", "s64", "u32", "s32", "u16", "s16", "u8", "s8", "bool",
]; // prettier-ignore

function primitiveOf(byte: number): Primitive | undefined {
  return byte === 0x64 ? "error-context" : primitives[byte - 0x73];
}

/** A primitive or a type index. */
export function valueRef(reader: Reader): ValueRef {
  const at = reader.position;
  const value = reader.s33();
  if (value >= 0) return value;
  return primitiveOf(value + 0x80) ?? reader.fail(`expected a value type, got 0x${(value + 0x80).toString(16)}`, at);
}

function optionalRef(reader: Reader): ValueRef | undefined {
  return reader.u8("whether there is a type") === 0 ? undefined : valueRef(reader);
}

/** As `Reader.count`, and at least one: values without any bytes could be as many as a number says. */
function some(reader: Reader, what: string, least = 1): number {
  const start = reader.position;
  return reader.count(what, least) || reader.fail(`expected at least one of ${what}`, start);
}

function refs(reader: Reader, what: string, labelled: boolean): ValueRef[] {
  const found: ValueRef[] = [];
  for (let n = some(reader, what); n > 0; n--) {
    if (labelled) reader.name("a label");
    found.push(valueRef(reader));
  }
  return found;
}

function fixedLength(reader: Reader): number {
  const start = reader.position;
  return reader.u32("a list's length") || reader.fail("expected a list's length of at least 1", start);
}

function labels(reader: Reader): number {
  const count = some(reader, "labels");
  for (let n = count; n > 0; n--) reader.name("a label");
  return count;
}

function valueShape(reader: Reader, form: number): ValueShape {
  const primitive = primitiveOf(form);
  if (primitive !== undefined) return { kind: "primitive", primitive };
  switch (form) {
    case 0x72:
      return { kind: "record", fields: refs(reader, "fields", true) };
    case 0x71: {
      const cases: (ValueRef | undefined)[] = [];
      for (let n = some(reader, "cases", 3); n > 0; n--) {
        reader.name("a label");
        cases.push(optionalRef(reader));
        if (reader.u8("the end of a case") !== 0) reader.fail("expected the end of a case", reader.position - 1);
      }
      return { kind: "variant", cases };
    }
    case 0x70:
      return { kind: "list", element: valueRef(reader), length: undefined };
    case 0x67:
      return { kind: "list", element: valueRef(reader), length: fixedLength(reader) };
    case 0x6f:
      return { kind: "record", fields: refs(reader, "members", false) };
    case 0x6e:
      return { kind: "flags", count: labels(reader) };
    case 0x6d:
      return { kind: "enum", count: labels(reader) };
    case 0x6b:
      return { kind: "variant", cases: [undefined, valueRef(reader)] };
    case 0x6a:
      return { kind: "variant", cases: [optionalRef(reader), optionalRef(reader)] };
    case 0x69:
    case 0x68:
      return { kind: "handle", owned: form === 0x69, resource: reader.u32("a resource type") };
    case 0x66:
    case 0x65:
      return { kind: "async", name: form === 0x66 ? "stream" : "future", element: optionalRef(reader) };
    default:
      return reader.fail(`expected a type, got 0x${form.toString(16)}`, reader.position - 1);
  }
}
