import { hookCode, verdict } from "./hook-code.ts";
import type { InterruptHook } from "./instance.ts";

/**
 * Makes a hook that guests can call directly. `check` is called about every thousand loop rounds or calls with the
 * `guest` that the instance was made with; `verdict.end` ends the guest with a trap that it cannot catch. Where it
 * answers `verdict.pause`, `pause` is awaited, and its answer counts: only for guests that were entered through
 * `promising`, with no JavaScript between. Neither may throw: that a guest could catch. One for each thread.
 */
export function interruptHook(
  check: (guest: number) => number,
  pause: (guest: number) => Promise<number> = async () => verdict.on,
): InterruptHook {
  compiled ??= new WebAssembly.Module(hookCode());
  const imports = { "": { check, pause: new WebAssembly.Suspending(pause) } };
  return new WebAssembly.Instance(compiled, imports).exports[""] as InterruptHook;
}

let compiled: WebAssembly.Module | undefined;
