import { flatPrimitive } from "../link/flat.ts";
import type { TypePlan } from "../link/crossing-plan.ts";
import type { Codec } from "./codec.ts";

type Primitive = (TypePlan & { kind: "primitive" })["primitive"];
type Number = Exclude<Primitive, "string" | "error-context">;

/** How a number lies in memory. */
interface Cell {
  read(view: DataView, at: number): number | bigint;
  write(view: DataView, at: number, value: number & bigint): void;
}

const cells: Record<Number, Cell> = {
  bool: cell("Uint8"),
  u8: cell("Uint8"),
  s8: cell("Int8"),
  u16: cell("Uint16"),
  s16: cell("Int16"),
  u32: cell("Uint32"),
  s32: cell("Int32"),
  char: cell("Uint32"),
  u64: cell("BigInt64"),
  s64: cell("BigInt64"),
  f32: cell("Float32"),
  f64: cell("Float64"),
};

function cell(name: string): Cell {
  const [get, set] = [`get${name}`, `set${name}`] as ["getUint32", "setUint32"];
  return { read: (view, at) => view[get](at, true), write: (view, at, value) => view[set](at, value, true) };
}

/** What of an i32 counts for a type that is narrower. */
const narrow: Partial<Record<Number, (value: number) => number>> = {
  bool: (value) => (value === 0 ? 0 : 1),
  u8: (value) => value & 0xff,
  s8: (value) => (value << 24) >> 24,
  u16: (value) => value & 0xffff,
  s16: (value) => (value << 16) >> 16,
};

export function primitiveCodec(primitive: Number): Codec {
  const { read, write } = cells[primitive];
  const flat = flatPrimitive(primitive);
  const wide = flat.types[0] === "i64";
  const cut = narrow[primitive];
  const codec: Codec = {
    flat,
    lift: (_, values) => (wide ? values.bigint() : cut === undefined ? values.number() : cut(values.number())),
    load(from, at) {
      from.spend(1);
      return read(from.memory.view, at);
    },
    lower: (_, value, into) => void into.push(value as number),
    store: (to, value, at) => write(to.memory.view, at, value as never),
  };
  if (primitive === "bool") codec.load = (from, at) => (from.memory.bytes[at] === 0 ? 0 : 1);
  if (primitive !== "char") return codec;
  const character = (from: Parameters<Codec["load"]>[0], value: number): number => {
    const unit = value >>> 0;
    if (unit >= 0x11_0000 || (unit >= 0xd800 && unit < 0xe000)) throw from.trap(`${unit} is no character`);
    return unit;
  };
  return {
    ...codec,
    lift: (from, values) => character(from, values.number()),
    load: (from, at) => character(from, codec.load(from, at) as number),
  };
}

/** Whether every pattern of bits is a value, so that lists of them are copied as they are. */
export function isPlain(plan: TypePlan): boolean {
  return plan.kind === "primitive" && !["bool", "char", "string", "error-context"].includes(plan.primitive);
}
