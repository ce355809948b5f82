import type { Primitive } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";

/**
 * How values cross as core values: the flattening of the canonical ABI.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#flattening
 */
export interface Flat {
  readonly types: readonly CoreType[];
  /** It holds strings or lists, which stand in memory. */
  readonly pointers: boolean;
}

/** Beyond this many, parameters go through memory, so no more of a type need be known. */
const enough = 17;

const i32: Flat = { types: ["i32"], pointers: false };
const i64: Flat = { types: ["i64"], pointers: false };

export const flatHandle = i32;
export const flatList: Flat = { types: ["i32", "i32"], pointers: true };
const nothing: Flat = { types: [], pointers: false };

const primitives: Record<Primitive, Flat> = {
  bool: i32,
  s8: i32,
  u8: i32,
  s16: i32,
  u16: i32,
  s32: i32,
  u32: i32,
  s64: i64,
  u64: i64,
  f32: { types: ["f32"], pointers: false },
  f64: { types: ["f64"], pointers: false },
  char: i32,
  string: flatList,
  "error-context": i32,
};

export function flatPrimitive(primitive: Primitive): Flat {
  return primitives[primitive];
}

export function flatRecord(fields: readonly Flat[]): Flat {
  const types: CoreType[] = [];
  for (const field of fields) {
    for (const type of field.types) if (types.length < enough) types.push(type);
  }
  return { types, pointers: fields.some(({ pointers }) => pointers) };
}

export function flatRepeat(element: Flat, length: number): Flat {
  return flatRecord(Array.from({ length: Math.min(length, enough) }, () => element));
}

export function flatFlags(count: number): Flat {
  return flatRepeat(i32, Math.ceil(count / 32));
}

/** The discriminant and, place by place, a type that holds each case's. */
export function flatVariant(cases: readonly (Flat | undefined)[]): Flat {
  const joined: CoreType[] = [];
  for (const { types } of cases.map((payload) => payload ?? nothing)) {
    for (const [i, type] of types.entries()) joined[i] = joined[i] === undefined ? type : join(joined[i], type);
  }
  const types: CoreType[] = ["i32", ...joined];
  return { types: types.slice(0, enough), pointers: cases.some((payload) => payload?.pointers) };
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
  const all = [...flatRecord(params).types];
  const flat = { params: all.length > 16 ? (["i32"] as CoreType[]) : all, results: [...(result?.types ?? [])] };
  if (flat.results.length <= 1) return flat;
  // One result at most: more of them are returned through memory, where the caller or the callee says.
  return direction === "lift" ? { ...flat, results: ["i32"] } : { params: [...flat.params, "i32"], results: [] };
}

/** Canonical options that a lower of this function must name, since the host would reach for them. */
export function needed(params: readonly Flat[], result: Flat | undefined): { memory: boolean; realloc: boolean } {
  const all = flatRecord(params);
  const realloc = result?.pointers ?? false;
  const indirect = all.types.length > 16 || (result?.types.length ?? 0) > 1;
  return { memory: realloc || all.pointers || indirect, realloc };
}

export function showSignature({ params, results }: { params: readonly string[]; results: readonly string[] }): string {
  return `(${params.join(", ")}) -> ${results.length === 0 ? "nothing" : results.join(", ")}`;
}
