import type { CoreRef, CoreSort, Definition, InstanceDeclaration, Ref, Sort } from "./component.ts";
import type { Reader } from "./reader.ts";

const coreSorts: Record<number, CoreSort> = {
  0x00: "func",
  0x01: "table",
  0x02: "memory",
  0x03: "global",
  0x04: "tag",
  0x10: "type",
  0x11: "module",
  0x12: "instance",
};
const sorts: Record<number, Sort> = { 0x01: "func", 0x02: "value", 0x03: "type", 0x04: "component", 0x05: "instance" };

function coreSort(reader: Reader): CoreSort {
  const byte = reader.u8("a core sort");
  return coreSorts[byte] ?? reader.fail(`expected a core sort, got 0x${byte.toString(16)}`, reader.position - 1);
}

function sort(reader: Reader, byte: number): Sort {
  return sorts[byte] ?? reader.fail(`expected a sort, got 0x${byte.toString(16)}`, reader.position - 1);
}

export function coreRef(reader: Reader): CoreRef {
  return { sort: coreSort(reader), index: reader.u32("an index") };
}

export function ref(reader: Reader): Ref {
  const byte = reader.u8("a sort");
  if (byte === 0x00) return { sort: "core", core: coreRef(reader) };
  return { sort: sort(reader, byte), index: reader.u32("an index") };
}

/** Name of an import or export: a kind byte, the name, and for kind 2 attributes such as a version suffix. */
export function externName(reader: Reader): string {
  const kind = reader.u8("a name");
  if (kind > 2) reader.fail(`expected a name, got kind ${kind}`, reader.position - 1);
  const name = reader.name();
  if (kind === 2) {
    for (let n = reader.count("name options", 2); n > 0; n--) {
      reader.u8("a name option");
      reader.name();
    }
  }
  return name;
}

type AliasDefinition = Extract<Definition, { kind: "alias-export" | "alias-core-export" | "alias-outer" }>;

/** One alias of a component. */
export function alias(reader: Reader): AliasDefinition {
  const at = reader.position;
  const first = reader.u8("a sort");
  const core = first === 0x00 ? coreSort(reader) : undefined;
  const target = reader.u8("an alias");
  if (target === 0x01) {
    const instance = reader.u32("a core instance");
    if (core === undefined) return reader.fail("expected the export of an instance, got a core instance", at);
    return { at, kind: "alias-core-export", sort: core, instance, name: reader.name() };
  }
  if (core !== undefined && core !== "module" && core !== "type") reader.fail("expected a core module or type", at);
  const plain = core === "module" ? "core-module" : core === "type" ? "core-type" : sort(reader, first);
  if (target === 0x00) {
    if (plain === "core-type") return reader.fail("expected something an instance can export, got a core type", at);
    return { at, kind: "alias-export", sort: plain, instance: reader.u32("an instance"), name: reader.name() };
  }
  if (target !== 0x02) reader.fail(`expected an alias, got 0x${target.toString(16)}`, reader.position - 1);
  return { at, kind: "alias-outer", sort: plain, count: reader.u32("a count"), index: reader.u32("an index") };
}

/** An alias inside an instance type, where core exports cannot stand. */
export function outerOrExportAlias(reader: Reader): InstanceDeclaration {
  const found = alias(reader);
  if (found.kind === "alias-core-export")
    return reader.fail("expected an outer alias or an instance's export", found.at);
  return found;
}
