import { BandstandError } from "../../foundation/errors/index.ts";
import type { MemoryPlan } from "../link/index.ts";

const page = 64 << 10;
/** Most that wasm32 can address. */
const mostPages = 65_536;

/** The maximum of a memory in pages: what the component declares or what its limit allows, whichever is less. */
export function maximumPages({ minimum, maximum = mostPages }: MemoryPlan, limit: number): number {
  const allowed = Math.floor(limit / page);
  if (minimum > allowed) {
    throw new BandstandError(
      "component-unsupported",
      `it needs ${minimum * page} bytes of memory to start, its limit is ${limit}`,
      { remedy: `Set spec.limits.memory to at least ${Math.ceil((minimum * page) / (1 << 20))}Mi.` },
    );
  }
  return Math.min(maximum, allowed);
}

/** New memories for one place. Throws `overloaded` where the engine has no room for them. */
export function makeMemories(plans: readonly MemoryPlan[], limit: number): WebAssembly.Memory[] {
  return plans.map((plan) => {
    const maximum = maximumPages(plan, limit);
    try {
      return new WebAssembly.Memory({ initial: plan.minimum, maximum });
    } catch (cause) {
      throw new BandstandError("overloaded", "there is no room for the memory of one more instance", { cause });
    }
  });
}

/** Zeroes memories for a new instance; false where one has grown, and cannot be made small again. */
export function renewMemories(memories: readonly WebAssembly.Memory[], plans: readonly MemoryPlan[]): boolean {
  for (const [i, memory] of memories.entries()) {
    if (memory.buffer.byteLength !== plans[i]!.minimum * page) return false;
    new Uint8Array(memory.buffer).fill(0);
  }
  return true;
}

/** It took nearly all that it may have: then a trap most likely means that it found no more. */
export function isFull(memory: WebAssembly.Memory | undefined, limit: number): boolean {
  return memory !== undefined && memory.buffer.byteLength > limit * 0.9;
}
