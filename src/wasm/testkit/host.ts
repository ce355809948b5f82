import type { HostUse, Lowering } from "../host/contract.ts";
import type { Compiled, ComponentInstance, HostLookup, InterruptHook } from "../link/index.ts";
import { instantiate, interruptHook } from "../link/index.ts";
import { makeMemory } from "../instances/memories.ts";
import { crossingsOf } from "./crossing.ts";

/** A host that has every function, just as it is asked for. */
export const anyHost: HostLookup = (use) => (use.kind === "drop" ? { params: ["i32"], results: [] } : use);

/** Memories as a pool would supply them. */
export function memoriesFor(compiled: Compiled, maximum = 1024): WebAssembly.Memory[] {
  return compiled.manifest.memories.map((plan) => makeMemory(plan, maximum));
}

/** Instantiates with functions by name; those not given answer 0. */
export function start(
  compiled: Compiled,
  functions: Record<string, (this: Lowering, ...args: never[]) => unknown> = {},
  hook: InterruptHook = interruptHook(() => 0),
): ComponentInstance {
  const bind = (use: HostUse, lowering: Lowering) => {
    const name = use.kind === "drop" ? `drop ${use.resource}` : use.name;
    return functions[name]?.bind(lowering) ?? (() => (use.kind === "function" && use.results[0] === "i64" ? 0n : 0));
  };
  return instantiate(compiled, { bind, memories: memoriesFor(compiled), hook, guest: 1, ...crossingsOf(compiled) });
}
