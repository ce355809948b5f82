import type { Side, Value } from "./side.ts";

/** The core values of a value: read back from where it would lie in memory, so that only joins are left to do. */
export function flatten(side: Side, type: number, value: Value): (number | bigint)[] {
  const plan = side.plan(type);
  switch (plan.kind) {
    case "primitive":
      if (plan.primitive === "string") return side.putString(value as string);
      if (plan.primitive === "bool") return [(value as boolean) ? 1 : 0];
      if (plan.primitive === "u64") return [BigInt.asIntN(64, value as bigint)];
      return [
        plan.primitive === "u32" || plan.primitive === "char" ? (value as number) | 0 : (value as number | bigint),
      ];
    case "record":
      return plan.fields.flatMap((field, i) => flatten(side, field, (value as Value[])[i]));
    case "variant": {
      const [which, content] = value as [number, Value];
      const joined = flatTypes(side, type).slice(1);
      const payload = plan.cases[which]!;
      const types = payload === null ? [] : flatTypes(side, payload);
      const values = payload === null ? [] : flatten(side, payload, content);
      return [
        which,
        ...joined.map((want, i) => (i < types.length ? join(types[i]!, want, values[i]!) : want === "i64" ? 0n : 0)),
      ];
    }
    case "list":
      if (plan.length !== null) return (value as Value[]).flatMap((each) => flatten(side, plan.element, each));
      {
        const at = side.realloc(0, 0, 4, 8);
        side.store(type, value, at);
        return [side.view.getInt32(at, true), side.view.getInt32(at + 4, true)];
      }
    case "flags": {
      const at = side.realloc(0, 0, 4, 4 * Math.ceil(plan.count / 32));
      side.store(type, value, at);
      return Array.from({ length: Math.ceil(plan.count / 32) }, (_, i) => side.view.getInt32(at + 4 * i, true));
    }
    case "enum":
    case "handle":
      return [value as number];
  }
}

export function flatTypes(side: Side, type: number): string[] {
  const plan = side.plan(type);
  switch (plan.kind) {
    case "primitive":
      if (plan.primitive === "string") return ["i32", "i32"];
      return [{ u64: "i64", s64: "i64", f32: "f32", f64: "f64" }[plan.primitive as "u64"] ?? "i32"];
    case "record":
      return plan.fields.flatMap((field) => flatTypes(side, field));
    case "variant": {
      const joined: string[] = [];
      for (const each of plan.cases) {
        for (const [i, type] of (each === null ? [] : flatTypes(side, each)).entries()) {
          const other = joined[i];
          if (other === undefined || other === type) joined[i] = type;
          else joined[i] = [other, type].every((one) => one === "i32" || one === "f32") ? "i32" : "i64";
        }
      }
      return ["i32", ...joined];
    }
    case "list":
      if (plan.length === null) return ["i32", "i32"];
      return Array.from({ length: plan.length }, () => flatTypes(side, plan.element)).flat();
    case "flags":
      return Array.from({ length: Math.ceil(plan.count / 32) }, () => "i32");
    case "enum":
    case "handle":
      return ["i32"];
  }
}

/** A value from its core values. */
export function unflatten(side: Side, type: number, values: (number | bigint)[]): Value {
  const plan = side.plan(type);
  switch (plan.kind) {
    case "primitive": {
      if (plan.primitive === "string") {
        const at = values.shift() as number;
        return side.getString(at >>> 0, (values.shift() as number) >>> 0);
      }
      const value = values.shift()!;
      if (plan.primitive === "bool") return value !== 0;
      if (plan.primitive === "u64") return BigInt.asUintN(64, value as bigint);
      return plan.primitive === "u32" || plan.primitive === "char" ? (value as number) >>> 0 : value;
    }
    case "record":
      return plan.fields.map((field) => unflatten(side, field, values));
    case "variant": {
      const joined = flatTypes(side, type).slice(1);
      const which = values.shift() as number;
      const given = values.splice(0, joined.length);
      const payload = plan.cases[which]!;
      if (payload === null) return [which, undefined];
      const types = flatTypes(side, payload);
      return [
        which,
        unflatten(
          side,
          payload,
          types.map((want, i) => join(joined[i]!, want, given[i]!)),
        ),
      ];
    }
    case "list": {
      if (plan.length !== null) return Array.from({ length: plan.length }, () => unflatten(side, plan.element, values));
      const at = side.realloc(0, 0, 4, 8);
      side.view.setUint32(at, values.shift() as number, true);
      side.view.setUint32(at + 4, values.shift() as number, true);
      return side.load(type, at);
    }
    case "flags": {
      const at = side.realloc(0, 0, 4, 4 * Math.ceil(plan.count / 32));
      for (let i = 0; i < Math.ceil(plan.count / 32); i++)
        side.view.setInt32(at + 4 * i, values.shift() as number, true);
      return side.load(type, at);
    }
    case "enum":
    case "handle":
      return values.shift()!;
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** The same bits as another core type; zeros above. */
function join(from: string, to: string, value: number | bigint): number | bigint {
  if (from === to) return value;
  bits.setBigUint64(0, 0n, true);
  if (from === "i32") bits.setInt32(0, value as number, true);
  else if (from === "i64") bits.setBigInt64(0, value as bigint, true);
  else if (from === "f32") bits.setFloat32(0, value as number, true);
  else bits.setFloat64(0, value as number, true);
  if (to === "i32") return bits.getInt32(0, true);
  if (to === "i64") return bits.getBigInt64(0, true);
  return to === "f32" ? bits.getFloat32(0, true) : bits.getFloat64(0, true);
}
