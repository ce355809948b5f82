import type { Primitive } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";

/**
 * How values cross as core values: the flattening of the canonical ABI.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#flattening
 */
export type Flat = readonly CoreType[];

/** Beyond this many, parameters go through memory, so no more of a type need be known. */
const enough = 17;

const primitives: Record<Primitive, Flat> = {
  bool: ["i32"],
  s8: ["i32"],
  u8: ["i32"],
  s16: ["i32"],
  u16: ["i32"],
  s32: ["i32"],
  u32: ["i32"],
  s64: ["i64"],
  u64: ["i64"],
  f32: ["f32"],
  f64: ["f64"],
  char: ["i32"],
  string: ["i32", "i32"],
  "error-context": ["i32"],
};

export function flatPrimitive(primitive: Primitive): Flat {
  return primitives[primitive];
}

export const flatHandle: Flat = ["i32"];
export const flatList: Flat = ["i32", "i32"];

export function flatRecord(fields: readonly Flat[]): Flat {
  const all: CoreType[] = [];
  for (const field of fields) {
    for (const type of field) if (all.length < enough) all.push(type);
  }
  return all;
}

export function flatRepeat(element: Flat, length: number): Flat {
  return flatRecord(Array.from<Flat>({ length: Math.min(length, enough) }).fill(element));
}

/** The discriminant and, place by place, a type that holds each case's. */
export function flatVariant(cases: readonly Flat[]): Flat {
  const joined: CoreType[] = [];
  for (const payload of cases) {
    for (const [i, type] of payload.entries()) joined[i] = joined[i] === undefined ? type : join(joined[i], type);
  }
  return ["i32", ...joined].slice(0, enough) as CoreType[];
}

function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32") ? "i32" : "i64";
}

export interface Signature {
  params: CoreType[];
  results: CoreType[];
}

/** The core function that a lower makes of a component function, or that a lift takes. */
export function coreSignature(
  params: readonly Flat[],
  result: Flat | undefined,
  direction: "lift" | "lower",
): Signature {
  const all = [...flatRecord(params)];
  const flat = { params: all.length > 16 ? (["i32"] as CoreType[]) : all, results: [...(result ?? [])] };
  if (flat.results.length <= 1) return flat;
  // One result at most: more of them are returned through memory, where the caller or the callee says.
  return direction === "lift" ? { ...flat, results: ["i32"] } : { params: [...flat.params, "i32"], results: [] };
}

export function showSignature({ params, results }: { params: readonly string[]; results: readonly string[] }): string {
  return `(${params.join(", ")}) -> ${results.length === 0 ? "nothing" : results.join(", ")}`;
}
