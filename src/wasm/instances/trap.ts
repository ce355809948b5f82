import { BandstandError, messageOf, type ErrorCode } from "../../foundation/errors/index.ts";

/** What a guest threw, as the error that ends its request. @param isFull it had nearly all the memory that it may have. */
export function errorOfTrap(thrown: unknown, isFull: boolean): BandstandError {
  if (isFull) return new BandstandError("component-memory", `ran out of memory: ${messageOf(thrown)}`);
  if (thrown instanceof WebAssembly.CompileError) {
    // V8 may look at a function when it first runs. Preparing had it look at all of them.
    return new BandstandError("component-trapped", `came to code that is not valid: ${messageOf(thrown)}`, {
      remedy: "What was prepared of it is not what was written: remove it from the cache, and start again.",
      cause: thrown,
    });
  }
  return new BandstandError("component-trapped", `trapped: ${textOf(thrown)}`, { cause: thrown });
}

/** It called something that may wait where V8 cannot suspend it. */
export function isSuspendError(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "SuspendError";
}

function textOf(thrown: unknown): string {
  if (thrown instanceof RangeError) return "it ran out of stack";
  if (thrown instanceof WebAssembly.Exception) return "an exception that it did not catch";
  return messageOf(thrown);
}

/** What may be raised where a guest needs more to start. */
const limitOf: Partial<Record<ErrorCode, string>> = { "component-cpu": "cpu", "component-memory": "memory" };

/** What starting an instance failed of: who wrote the component can look there, and who runs it can give it more. */
export function notStarted(failure: BandstandError, cause: unknown): BandstandError {
  const limit = limitOf[failure.code];
  const remedy =
    limit === undefined
      ? "Look at what it runs when it starts: constructors, initializers and its start function."
      : `Let it do less when it starts (constructors, initializers, its start function), or raise limits.${limit}.`;
  return new BandstandError(failure.code, `does not start: ${failure.message}`, { remedy, cause });
}
