import type { Primitive } from "../binary/index.ts";
import type { Flat } from "./flat.ts";
import {
  flatEnum,
  flatFlags,
  flatHandle,
  flatList,
  flatPrimitive,
  flatRecord,
  flatRepeat,
  flatVariant,
} from "./flat.ts";
import type { Resource } from "./graph.ts";

/** A type of values: how they lie in memory, and what they are made of. */
export type Shape = Flat & {
  /** There are streams, futures or error contexts in it. */
  flows: boolean;
} & (
    | { kind: "primitive"; primitive: Primitive }
    | { kind: "record"; fields: readonly Shape[] }
    | { kind: "variant"; cases: readonly (Shape | undefined)[] }
    | { kind: "list"; element: Shape; length: number | undefined }
    | { kind: "flags" | "enum"; count: number }
    | { kind: "handle"; owned: boolean; resource: Resource }
    | { kind: "async"; name: "stream" | "future"; element: Shape | undefined }
  );

const primitives = new Map<Primitive, Shape>();

export function primitiveShape(primitive: Primitive): Shape {
  let found = primitives.get(primitive);
  if (found === undefined) {
    found = { ...flatPrimitive(primitive), flows: primitive === "error-context", kind: "primitive", primitive };
    primitives.set(primitive, found);
  }
  return found;
}

export function recordShape(fields: readonly Shape[]): Shape {
  return { ...flatRecord(fields), flows: fields.some(({ flows }) => flows), kind: "record", fields };
}

export function variantShape(cases: readonly (Shape | undefined)[]): Shape {
  return { ...flatVariant(cases), flows: cases.some((payload) => payload?.flows), kind: "variant", cases };
}

export function listShape(element: Shape, length: number | undefined): Shape {
  const flat = length === undefined ? flatList : flatRepeat(element, length);
  return { ...flat, flows: element.flows, kind: "list", element, length };
}

export function flagsShape(count: number): Shape {
  return { ...flatFlags(count), flows: false, kind: "flags", count };
}

export function enumShape(count: number): Shape {
  return { ...flatEnum(count), flows: false, kind: "enum", count };
}

export function handleShape(owned: boolean, resource: Resource): Shape {
  return { ...flatHandle, flows: false, kind: "handle", owned, resource };
}

export function asyncShape(name: "stream" | "future", element: Shape | undefined): Shape {
  return { ...flatHandle, flows: true, kind: "async", name, element };
}
