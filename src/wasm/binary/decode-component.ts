import { alias, coreRef, externName, ref } from "./component-alias.ts";
import { canon } from "./component-canon.ts";
import { coreType, extern, typeDefinition, valueRef } from "./component-types.ts";
import type { Component, CoreRef, Definition, Named, Ref } from "./component.ts";
import { limits } from "./limits.ts";
import { kindOfFile } from "./kind-of-file.ts";
import { isWebAssembly } from "./preamble.ts";
import { allEntries, Reader } from "./reader.ts";

/**
 * Reads a component and the components in it. Core modules are found but not read.
 * Throws `component-malformed`, for a core module with the way to make a component of it.
 */
export function decodeComponent(bytes: Uint8Array): Component {
  const reader = new Reader(bytes, 0, bytes.length, { base: 0, section: "header", entries: allEntries() });
  if (bytes.length > limits.componentBytes) {
    reader.fail(
      `expected at most ${limits.componentBytes} bytes, got ${bytes.length}`,
      0,
      "Make the component smaller.",
    );
  }
  return component(reader, { definitions: 0, modules: 0 }, 0);
}

interface Totals {
  definitions: number;
  modules: number;
}

const names = [
  "custom", "core module", "core instance", "core type", "component", "instance", "alias", "type", "canon", "start",
  "import", "export", "value",
]; // prettier-ignore

function component(reader: Reader, totals: Totals, depth: number): Component {
  header(reader);
  if (depth > limits.nesting) reader.fail(`expected at most ${limits.nesting} components within each other`);
  const found: Component = { definitions: [] };
  while (!reader.done) {
    const at = reader.position;
    const id = reader.u8("a section");
    const name = names[id] ?? reader.fail(`expected a section of a component, got id ${id}`, at);
    const part = reader.part(reader.u32("a section's length"), `${name} section`);
    if (id === 0) continue;
    section(part, id, found.definitions, totals, depth);
    part.finish(`${name} section`);
    if ((totals.definitions += 1) > limits.definitions) {
      reader.fail(`expected at most ${limits.definitions} definitions`, at);
    }
  }
  return found;
}

function header(reader: Reader): void {
  const at = reader.position;
  const bytes = reader.bytes.subarray(at, Math.min(at + 8, reader.end));
  const begins = (...expected: number[]): boolean => expected.every((byte, i) => bytes[i] === byte);
  if (!isWebAssembly(bytes)) {
    const { what, remedy } = kindOfFile(reader.bytes.subarray(at, reader.end));
    reader.fail(`expected WebAssembly, which begins with 00 61 73 6d, got ${what}`, at, remedy);
  }
  if (begins(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)) {
    reader.fail(
      "this is a core module, a component is due",
      at,
      "Make one of it with `bandstand build`, `wasm-tools component new` or `jco new`.",
    );
  }
  if (!begins(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00)) {
    const rest = [...bytes.subarray(4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const got = rest === "" ? "the end of the file" : rest.length < 11 ? `${rest} and the end of the file` : rest;
    reader.fail(`expected the component format 0d 00 01 00, got ${got}`, at + 4, "Build it with a current toolchain.");
  }
  reader.position = at + 8;
}

function section(reader: Reader, id: number, into: Definition[], totals: Totals, depth: number): void {
  const at = reader.position;
  if (id === 1) {
    if (++totals.modules > limits.modules) reader.fail(`expected at most ${limits.modules} core modules`);
    const bytes = reader.bytes.subarray(at, reader.end);
    into.push({ at, kind: "core-module", bytes, offset: at, entries: reader.place.entries! });
    reader.position = reader.end;
  } else if (id === 4) {
    into.push({ at, kind: "component", component: component(reader, totals, depth + 1) });
  } else if (id === 9) {
    reader.position = reader.end;
    into.push({ at, kind: "start" });
  } else {
    const count = reader.count("definitions");
    if ((totals.definitions += count) > limits.definitions) {
      reader.fail(`expected at most ${limits.definitions} definitions`);
    }
    for (let n = count; n > 0; n--) into.push(definition(reader, id));
  }
}

function definition(reader: Reader, id: number): Definition {
  const at = reader.position;
  switch (id) {
    case 2:
      return coreInstance(reader);
    case 3:
      coreType(reader);
      return { at, kind: "core-type" };
    case 5:
      return instance(reader);
    case 6:
      return alias(reader);
    case 7:
      return { at, kind: "type", type: typeDefinition(reader) };
    case 8:
      return canon(reader);
    case 10:
      return { at, kind: "import", name: externName(reader), extern: extern(reader) };
    case 11: {
      const name = externName(reader);
      const exported = ref(reader);
      return { at, kind: "export", name, ref: exported, extern: reader.u8() === 0 ? undefined : extern(reader) };
    }
    default:
      valueRef(reader);
      reader.take(reader.u32("a value's length"), "a value");
      return { at, kind: "value" };
  }
}

function coreInstance(reader: Reader): Definition {
  const at = reader.position;
  const form = reader.u8("a core instance");
  if (form === 0x01) {
    const exports: Named<CoreRef>[] = [];
    for (let n = reader.count("exports", 3); n > 0; n--) exports.push({ name: reader.name(), ref: coreRef(reader) });
    return { at, kind: "core-bag", exports };
  }
  if (form !== 0x00) reader.fail(`expected a core instance, got 0x${form.toString(16)}`, at);
  const module = reader.u32("a core module");
  const args: { name: string; instance: number }[] = [];
  for (let n = reader.count("arguments", 3); n > 0; n--) {
    const name = reader.name();
    if (reader.u8() !== 0x12) reader.fail("expected a core instance as argument", reader.position - 1);
    args.push({ name, instance: reader.u32("a core instance") });
  }
  return { at, kind: "core-instance", module, args };
}

function instance(reader: Reader): Definition {
  const at = reader.position;
  const form = reader.u8("an instance");
  const exports: Named<Ref>[] = [];
  if (form === 0x01) {
    for (let n = reader.count("exports", 4); n > 0; n--) exports.push({ name: externName(reader), ref: ref(reader) });
    return { at, kind: "bag", exports };
  }
  if (form !== 0x00) reader.fail(`expected an instance, got 0x${form.toString(16)}`, at);
  const index = reader.u32("a component");
  for (let n = reader.count("arguments", 3); n > 0; n--) exports.push({ name: reader.name(), ref: ref(reader) });
  return { at, kind: "instance", component: index, args: exports };
}
