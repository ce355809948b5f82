/** A value as `wasm-tools json-from-wast` writes it; without a value: any of its type. */
export interface Constant {
  type: string;
  value?: string | string[];
  values?: Constant[];
}

/** What is handed to a guest; undefined: JavaScript cannot hand such a value over. */
export function given(constant: Constant): { value: unknown } | undefined {
  const { type, value } = constant;
  if (type === "v128") return undefined;
  if (type === "i32") return { value: Number(value) | 0 };
  if (type === "i64") return { value: BigInt.asIntN(64, BigInt(value as string)) };
  if (type === "f32" || type === "f64") return { value: float(type, value as string) };
  if (value === undefined || value === "null") return { value: null };
  return { value: hosted(value as string) };
}

/** Whether an answer is what the script wants of it; undefined: it cannot be seen from JavaScript. */
export function isWanted(answer: unknown, wanted: Constant): boolean | undefined {
  const { type, value, values } = wanted;
  if (type === "either") {
    const each = values!.map((one) => isWanted(answer, one));
    return each.includes(undefined) ? undefined : each.includes(true);
  }
  if (type === "v128") return undefined;
  if (type === "f32" || type === "f64") {
    if (typeof answer !== "number") return false;
    if ((value as string).startsWith("nan:")) return Number.isNaN(answer);
    const number = float(type, value as string);
    return Object.is(answer, number) || (Number.isNaN(answer) && Number.isNaN(number));
  }
  if (type === "i32" || type === "i64") return answer === given(wanted)!.value;
  if (value === "null" || type.startsWith("null") || type === "refnull") return answer === null;
  if (value !== undefined) return answer === hosted(value as string);
  if (type === "funcref") return typeof answer === "function";
  if (type === "i31ref") return typeof answer === "number";
  return answer !== null;
}

const hosts = new Map<string, object>();

/** The reference that a script calls by a number. */
function hosted(name: string): object {
  const found = hosts.get(name) ?? { name };
  hosts.set(name, found);
  return found;
}

const bytes = new DataView(new ArrayBuffer(8));

function float(type: "f32" | "f64", bits: string): number {
  if (type === "f32") {
    bytes.setUint32(0, Number(bits));
    return bytes.getFloat32(0);
  }
  bytes.setBigUint64(0, BigInt(bits));
  return bytes.getFloat64(0);
}
