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
export type Shape = Flat &
  (
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
    found = { ...flatPrimitive(primitive), kind: "primitive", primitive };
    primitives.set(primitive, found);
  }
  return found;
}

export function recordShape(fields: readonly Shape[]): Shape {
  return { ...flatRecord(fields), kind: "record", fields };
}

export function variantShape(cases: readonly (Shape | undefined)[]): Shape {
  return { ...flatVariant(cases), kind: "variant", cases };
}

export function listShape(element: Shape, length: number | undefined): Shape {
  return { ...(length === undefined ? flatList : flatRepeat(element, length)), kind: "list", element, length };
}

export function flagsShape(count: number): Shape {
  return { ...flatFlags(count), kind: "flags", count };
}

export function enumShape(count: number): Shape {
  return { ...flatEnum(count), kind: "enum", count };
}

export function handleShape(owned: boolean, resource: Resource): Shape {
  return { ...flatHandle, kind: "handle", owned, resource };
}

export function asyncShape(name: "stream" | "future", element: Shape | undefined): Shape {
  return { ...flatHandle, kind: "async", name, element };
}
