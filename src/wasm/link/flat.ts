import type { Primitive } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";

/**
 * How values cross as core values and how they lie in memory: flattening, sizes and alignments of the canonical ABI.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#flattening
 */
export interface Flat {
  readonly types: readonly CoreType[];
  /** It holds strings or lists, which stand in memory. */
  readonly pointers: boolean;
  /** Bytes in memory; at most `largest`, beyond which nobody asks. */
  readonly size: number;
  readonly align: Align;
}

type Align = 1 | 2 | 4 | 8;

/** Beyond this many, parameters go through memory, so no more of a type need be known. */
const enough = 17;
/** Types in types may double a size again and again. */
const largest = 2 ** 32;

const scalar = (type: CoreType, size: Align): Flat => ({ types: [type], pointers: false, size, align: size });
const i8 = scalar("i32", 1);
const i16 = scalar("i32", 2);
const i32 = scalar("i32", 4);
const i64 = scalar("i64", 8);

export const flatHandle = i32;
export const flatList: Flat = { types: ["i32", "i32"], pointers: true, size: 8, align: 4 };
const nothing: Flat = { types: [], pointers: false, size: 0, align: 1 };

const primitives: Record<Primitive, Flat> = {
  bool: i8,
  s8: i8,
  u8: i8,
  s16: i16,
  u16: i16,
  s32: i32,
  u32: i32,
  s64: i64,
  u64: i64,
  f32: scalar("f32", 4),
  f64: scalar("f64", 8),
  char: i32,
  string: flatList,
  "error-context": i32,
};

export function flatPrimitive(primitive: Primitive): Flat {
  return primitives[primitive];
}

export function flatRecord(fields: readonly Flat[]): Flat {
  const types: CoreType[] = [];
  let size = 0;
  let align: Align = 1;
  for (const field of fields) {
    for (const type of field.types) if (types.length < enough) types.push(type);
    size = aligned(size, field.align) + field.size;
    if (field.align > align) align = field.align;
  }
  return { types, pointers: fields.some(({ pointers }) => pointers), ...bounded(size, align) };
}

export function flatRepeat(element: Flat, length: number): Flat {
  const some = flatRecord(Array.from({ length: Math.min(length, enough) }, () => element));
  return { ...some, ...bounded(element.size * length, element.align) };
}

export function flatFlags(count: number): Flat {
  if (count <= 8) return i8;
  return count <= 16 ? i16 : flatRepeat(i32, Math.ceil(count / 32));
}

export function flatEnum(count: number): Flat {
  return discriminant(count);
}

function discriminant(cases: number): Flat {
  return cases <= 0x100 ? i8 : cases <= 0x1_0000 ? i16 : i32;
}

function aligned(size: number, align: Align): number {
  return Math.ceil(size / align) * align;
}

function bounded(size: number, align: Align): { size: number; align: Align } {
  return { size: Math.min(aligned(size, align), largest), align };
}

/** The discriminant and, place by place, a type that holds each case's. */
export function flatVariant(cases: readonly (Flat | undefined)[]): Flat {
  const joined: CoreType[] = [];
  const payloads = cases.map((payload) => payload ?? nothing);
  for (const { types } of payloads) {
    for (const [i, type] of types.entries()) joined[i] = joined[i] === undefined ? type : join(joined[i], type);
  }
  const types: CoreType[] = ["i32", ...joined];
  const which = discriminant(cases.length);
  const align = payloads.reduce<Align>((most, payload) => (payload.align > most ? payload.align : most), 1);
  const size = payloads.reduce((most, payload) => Math.max(most, payload.size), 0);
  return {
    types: types.slice(0, enough),
    pointers: cases.some((payload) => payload?.pointers),
    ...bounded(aligned(which.size, align) + size, align > which.align ? align : which.align),
  };
}

function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32") ? "i32" : "i64";
}

export interface Signature {
  params: CoreType[];
  results: CoreType[];
}

/** Whether a lift or lower is asynchronous; of lifts: with a function for events, or waiting on a stack of its own. */
export type Manner = "plain" | "async" | "callback";

/** What is called with each event that a task waits for. */
export const callbackSignature: Signature = { params: ["i32", "i32", "i32"], results: ["i32"] };

/** Parameters of an asynchronous lower beyond so many go through memory. */
const fewParams = 4;

/** The core function that a lower makes of a component function, or that a lift takes. */
export function coreSignature(
  params: readonly Flat[],
  result: Flat | undefined,
  direction: "lift" | "lower",
  manner: Manner = "plain",
): Signature {
  const all = [...flatRecord(params).types];
  const most = direction === "lower" && manner !== "plain" ? fewParams : 16;
  const flat = { params: all.length > most ? (["i32"] as CoreType[]) : all, results: [...(result?.types ?? [])] };
  if (manner !== "plain") {
    if (direction === "lift") return { ...flat, results: manner === "callback" ? ["i32"] : [] };
    return { params: flat.results.length > 0 ? [...flat.params, "i32"] : flat.params, results: ["i32"] };
  }
  if (flat.results.length <= 1) return flat;
  // One result at most: more of them are returned through memory, where the caller or the callee says.
  return direction === "lift" ? { ...flat, results: ["i32"] } : { params: [...flat.params, "i32"], results: [] };
}

/** Canonical options that a lower of this function must name, since the host would reach for them. */
export function needed(
  params: readonly Flat[],
  result: Flat | undefined,
  manner: Manner,
): { memory: boolean; realloc: boolean } {
  const all = flatRecord(params);
  const realloc = result?.pointers ?? false;
  const [mostParams, mostResults] = manner === "plain" ? [16, 1] : [fewParams, 0];
  const indirect = all.types.length > mostParams || (result?.types.length ?? 0) > mostResults;
  return { memory: realloc || all.pointers || indirect, realloc };
}

export function showSignature({ params, results }: { params: readonly string[]; results: readonly string[] }): string {
  return `(${params.join(", ")}) -> ${results.length === 0 ? "nothing" : results.join(", ")}`;
}
