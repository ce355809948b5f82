import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { CrossingGuest } from "./end.ts";

/**
 * What a component threw, as what ends the whole guest: its caller could catch an exception, or an error of JavaScript.
 * Traps it cannot catch, and why others end is marked already.
 */
export function asTrap(guest: CrossingGuest, error: unknown, name: string): unknown {
  if (error instanceof WebAssembly.RuntimeError || error instanceof BandstandError) return error;
  const what =
    error instanceof WebAssembly.Exception ? "threw an exception that its component did not catch" : messageOf(error);
  return guest.fail("component-trapped", `${name}: ${what}`);
}
