import { BandstandError } from "../../foundation/errors/index.ts";
import type { Compiled, ComponentInstance, InstanceImports, InterruptHook } from "./instance.ts";

/**
 * A new instance of every core module, joined. Synchronous: a start function that loops is ended by the hook.
 * Throws what a trapping start function throws (`WebAssembly.RuntimeError`).
 */
export function instantiate(compiled: Compiled, imports: InstanceImports): ComponentInstance {
  void compiled;
  void imports;
  throw new BandstandError("internal", "instantiate is not there yet");
}

/**
 * Makes a hook that guests can call directly. It is called about every thousand loop rounds or calls with the
 * `guest` that the instance was made with; anything but 0 ends the guest with a trap that it cannot catch.
 * It must not throw: that a guest could catch. One for each thread.
 */
export function interruptHook(check: (guest: number) => number): InterruptHook {
  void check;
  throw new BandstandError("internal", "interruptHook is not there yet");
}
