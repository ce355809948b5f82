import { hookCode, verdict } from "./hook-code.ts";
import type { InterruptHook } from "./instance.ts";

/**
 * Makes a hook that guests can call directly. `check` is called about every six thousand loop rounds or calls with the
 * `guest` that the instance was made with; `verdict.end` ends the guest with a trap that it cannot catch. Where it
 * answers `verdict.pause`, `pause` is awaited, and its answer counts: only for guests that were entered through
 * `promising`, with no JavaScript between. Neither may throw: that a guest could catch. One for each thread. Without
 * `pause` nothing is made that suspends, which takes V8 half a millisecond to compile.
 */
export function interruptHook(
  check: (guest: number) => number,
  pause?: (guest: number) => Promise<number>,
): InterruptHook {
  compiled ??= new WebAssembly.Module(hookCode());
  const imports = { "": { check, pause: pause === undefined ? () => verdict.on : new WebAssembly.Suspending(pause) } };
  return new WebAssembly.Instance(compiled, imports).exports[""] as InterruptHook;
}

let compiled: WebAssembly.Module | undefined;
