import type { CoreType, HostFunction } from "./contract.ts";
import type { Guest } from "./guest.ts";
import type { GuestMemory } from "./memory.ts";

/** One function of the host, bound to a guest and to the memory that its caller lowered it with. */
export interface Function extends HostFunction<Guest, GuestMemory> {
  /** The same for who calls it asynchronously; undefined: it cannot be. */
  async?: Function;
}

/** An interface as explicit data: its functions by their names in the component model, and its resource types. */
export interface HostInterface {
  functions: Readonly<Record<string, Function>>;
  resources: readonly string[];
}

type Bind = Function["bind"];

/** Letters for core types, so that a signature stays readable: `iiI` is two i32 and one i64. */
const letters: Record<string, CoreType> = { i: "i32", I: "i64", f: "f32", F: "f64" };

function types(text: string): CoreType[] {
  return [...text].map((letter) => letters[letter]!);
}

/** Core types of parameters by what they are: a handle, one byte, a string, a `u64`, a `new-timestamp`. */
const flat: Record<string, string> = { i: "i", b: "i", s: "ii", I: "I", t: "iIi" };

/** The core types of parameters, which are a letter each. */
export function flatten(parameters: string): string {
  return [...parameters].map((letter) => flat[letter]!).join("");
}

/**
 * A function that never waits.
 * @param signature core parameters and result, as in `iI:i`.
 */
export function host(signature: string, bind: Bind): Function {
  return define(signature, false, bind);
}

/** A function that may wait: it answers a promise where it does. */
export function waiting(signature: string, bind: Bind): Function {
  return define(signature, true, bind);
}

function define(signature: string, waits: boolean, bind: Bind): Function {
  const [params = "", results = ""] = signature.split(":");
  return { params: types(params), results: types(results), waits, bind };
}
