import { BandstandError, messageOf } from "../../foundation/errors/index.ts";

/** What a guest threw, as the error that ends its request. @param isFull it had nearly all the memory that it may have. */
export function errorOfTrap(thrown: unknown, isFull: boolean): BandstandError {
  if (isFull) return new BandstandError("component-memory", `ran out of memory: ${messageOf(thrown)}`);
  return new BandstandError("component-trapped", `trapped: ${textOf(thrown)}`, { cause: thrown });
}

function textOf(thrown: unknown): string {
  if (thrown instanceof RangeError) return "it ran out of stack";
  if (thrown instanceof WebAssembly.Exception) return "an exception that it did not catch";
  return messageOf(thrown);
}
