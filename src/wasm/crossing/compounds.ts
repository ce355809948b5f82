import type { CoreType } from "../host/contract.ts";
import { flatEnum, flatFlags, flatRecord, flatVariant } from "../link/flat.ts";
import { CoreValues, type Codec } from "./codec.ts";
import type { CoreValue, End } from "./end.ts";

/** Records, and tuples, which are the same. */
export function recordCodec(fields: readonly Codec[]): Codec {
  const flat = flatRecord(fields.map((field) => field.flat));
  let end = 0;
  const offsets = fields.map(({ flat: { size, align } }) => {
    const at = Math.ceil(end / align) * align;
    end = at + size;
    return at;
  });
  return {
    flat,
    lift: (from, values) => fields.map((field) => field.lift(from, values)),
    load: (from, at) => fields.map((field, i) => field.load(from, at + offsets[i]!)),
    lower(to, value, into) {
      for (const [i, field] of fields.entries()) field.lower(to, (value as unknown[])[i], into);
    },
    store(to, value, at) {
      to.spend(fields.length);
      for (const [i, field] of fields.entries()) field.store(to, (value as unknown[])[i], at + offsets[i]!);
    },
  };
}

type Case = [which: number, payload: unknown];

/** Variants, options and results. */
export function variantCodec(cases: readonly (Codec | undefined)[]): Codec {
  const flat = flatVariant(cases.map((payload) => payload?.flat));
  const which = discriminant(cases.length);
  const align = cases.reduce((most, payload) => Math.max(most, payload?.flat.align ?? 1), 1);
  const offset = Math.ceil(which.size / align) * align;
  const joined = flat.types.slice(1);
  return {
    flat,
    lift(from, values) {
      const found = known(from, values.number(), cases.length);
      const payload = cases[found];
      const given = values.take(joined.length);
      const own = payload?.flat.types.map((type, i) => outOf(joined[i]!, type, given[i]!)) ?? [];
      return [found, payload?.lift(from, new CoreValues(own))] satisfies Case;
    },
    load(from, at) {
      from.spend(1);
      const found = known(from, which.read(from.memory.view, at), cases.length);
      return [found, cases[found]?.load(from, at + offset)] satisfies Case;
    },
    lower(to, value, into) {
      const [found, content] = value as Case;
      into.push(found);
      const payload = cases[found];
      const own: CoreValue[] = [];
      payload?.lower(to, content, own);
      for (const [i, type] of joined.entries()) {
        into.push(i < own.length ? intoJoined(payload!.flat.types[i]!, type, own[i]!) : zero(type));
      }
    },
    store(to, value, at) {
      const [found, content] = value as Case;
      which.write(to.memory.view, at, found);
      cases[found]?.store(to, content, at + offset);
    },
  };
}

export function enumCodec(count: number): Codec {
  const which = discriminant(count);
  return {
    flat: flatEnum(count),
    lift: (from, values) => known(from, values.number(), count),
    load(from, at) {
      from.spend(1);
      return known(from, which.read(from.memory.view, at), count);
    },
    lower: (_, value, into) => void into.push(value as number),
    store: (to, value, at) => which.write(to.memory.view, at, value as number),
  };
}

/** Bits that have no name are taken for zero. */
export function flagsCodec(count: number): Codec {
  const flat = flatFlags(count);
  const words = flat.types.length;
  const masks = Array.from({ length: words }, (_, i) => {
    const bits = Math.min(count - i * 32, 32);
    return bits === 32 ? -1 : (1 << bits) - 1;
  });
  const width = discriminantOf[Math.min(flat.size, 4)]!;
  return {
    flat,
    lift: (_, values) => masks.map((mask) => values.number() & mask),
    load(from, at) {
      from.spend(words);
      return masks.map((mask, i) => width.read(from.memory.view, at + i * 4) & mask);
    },
    lower: (_, value, into) => void into.push(...(value as number[])),
    store(to, value, at) {
      for (const [i, word] of (value as number[]).entries()) width.write(to.memory.view, at + i * 4, word);
    },
  };
}

interface Width {
  size: number;
  read(view: DataView, at: number): number;
  write(view: DataView, at: number, value: number): void;
}

const discriminantOf: Record<number, Width> = {
  1: { size: 1, read: (view, at) => view.getUint8(at), write: (view, at, value) => view.setUint8(at, value) },
  2: {
    size: 2,
    read: (view, at) => view.getUint16(at, true),
    write: (view, at, value) => view.setUint16(at, value, true),
  },
  4: {
    size: 4,
    read: (view, at) => view.getUint32(at, true),
    write: (view, at, value) => view.setUint32(at, value, true),
  },
};

function discriminant(cases: number): Width {
  return discriminantOf[cases <= 0x100 ? 1 : cases <= 0x1_0000 ? 2 : 4]!;
}

function known(from: End, found: number, count: number): number {
  const which = found >>> 0;
  if (which >= count) throw from.trap(`case ${which} of a type with ${count}`);
  return which;
}

const scratch = new DataView(new ArrayBuffer(8));

/** A core value of a variant's joined type as the type of one case. */
function outOf(joined: CoreType, own: CoreType, value: CoreValue): CoreValue {
  if (joined === own) return value;
  if (joined === "i32") {
    scratch.setInt32(0, value as number, true);
    return scratch.getFloat32(0, true);
  }
  scratch.setBigInt64(0, value as bigint, true);
  if (own === "i32") return scratch.getInt32(0, true);
  return own === "f32" ? scratch.getFloat32(0, true) : scratch.getFloat64(0, true);
}

/** The other way round. */
function intoJoined(own: CoreType, joined: CoreType, value: CoreValue): CoreValue {
  if (joined === own) return value;
  scratch.setBigInt64(0, 0n, true);
  if (own === "i32") scratch.setInt32(0, value as number, true);
  else if (own === "f32") scratch.setFloat32(0, value as number, true);
  else scratch.setFloat64(0, value as number, true);
  return joined === "i32" ? scratch.getInt32(0, true) : scratch.getBigInt64(0, true);
}

function zero(type: CoreType): CoreValue {
  return type === "i64" ? 0n : 0;
}
