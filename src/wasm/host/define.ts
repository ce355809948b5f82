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
  return new Defined(signature, false, bind);
}

/** A function that may wait: it answers a promise where it does. */
export function waiting(signature: string, bind: Bind): Function {
  return new Defined(signature, true, bind);
}

/** Only the linker asks for types; a start of what is prepared defines hundreds of functions, and asks for none. */
class Defined implements Function {
  readonly signature: string;
  readonly waits: boolean;
  readonly bind: Bind;
  async?: Function;

  constructor(signature: string, waits: boolean, bind: Bind) {
    this.signature = signature;
    this.waits = waits;
    this.bind = bind;
  }

  get params(): CoreType[] {
    return types(this.signature.split(":")[0]!);
  }

  get results(): CoreType[] {
    return types(this.signature.split(":")[1] ?? "");
  }
}
