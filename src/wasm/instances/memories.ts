import { BandstandError } from "../../foundation/errors/index.ts";
import type { MemoryPlan } from "../link/index.ts";

/** Bytes that a request leaves to the garbage collector: of memories and tables, and of objects. */
export interface Left {
  memories: number;
  objects: number;
}

const page = 64 << 10;
/** Most that wasm32 can address, and what V8 takes of a 64-bit memory: 4 GiB and 16 GiB. */
const mostPages = 65_536;
const mostWidePages = 262_144;

/**
 * The maximum of each memory in pages: what the component declares, or its part of what the limit allows, whichever is
 * less. A component composed of several has several memories; what is left behind their minima is divided evenly.
 */
function maximumPages(plans: readonly MemoryPlan[], limit: number): number[] {
  const allowed = Math.floor(limit / page);
  const needed = plans.reduce((sum, { minimum }) => sum + minimum, 0);
  if (needed > allowed) {
    const bytes = needed * page;
    throw new BandstandError(
      "component-unsupported",
      `it needs ${bytes} bytes of memory to start, its limit is ${limit}`,
      { remedy: `Give it at least ${Math.ceil(bytes / (1 << 20))}Mi (spec.limits.memory, or --memory).` },
    );
  }
  const room = Math.floor((allowed - needed) / plans.length);
  return plans.map(({ minimum, maximum = Infinity, wide }) =>
    Math.min(maximum, wide ? mostWidePages : mostPages, minimum + room),
  );
}

/** New memories for one place, and the pages that each may grow to. Throws `overloaded` where the engine has no room for them. */
export function makeMemories(
  plans: readonly MemoryPlan[],
  limit: number,
): { memories: WebAssembly.Memory[]; most: number[] } {
  const most = maximumPages(plans, limit);
  const memories = plans.map((plan, i) => {
    try {
      return makeMemory(plan, most[i]!);
    } catch (cause) {
      throw new BandstandError("overloaded", "there is no room for the memory of one more instance", { cause });
    }
  });
  return { memories, most };
}

/** @param maximum in pages. */
export function makeMemory({ minimum, wide }: MemoryPlan, maximum: number): WebAssembly.Memory {
  return wide
    ? new WebAssembly.Memory({ address: "i64", initial: BigInt(minimum), maximum: BigInt(maximum) })
    : new WebAssembly.Memory({ initial: minimum, maximum });
}

/** Zeroes memories for a new instance; false where one has grown, and cannot be made small again. */
export function renewMemories(memories: readonly WebAssembly.Memory[], plans: readonly MemoryPlan[]): boolean {
  if (haveGrown(memories, plans)) return false;
  for (const memory of memories) new Uint8Array(memory.buffer).fill(0);
  return true;
}

/** One is larger than what an instance begins with. */
export function haveGrown(memories: readonly WebAssembly.Memory[], plans: readonly MemoryPlan[]): boolean {
  return memories.some(({ buffer }, i) => buffer.byteLength !== plans[i]!.minimum * page);
}

/** One took nearly all that it may have: then a trap most likely means that it found no more. */
export function isFull(sizes: readonly number[], plans: readonly MemoryPlan[], limit: number): boolean {
  const share = (limit / sizes.length) * 0.9;
  return sizes.some((bytes, i) => {
    const { minimum, maximum = Infinity } = plans[i]!;
    return bytes > Math.max(Math.min(share, maximum * page * 0.9), minimum * page);
  });
}

/**
 * Whether an instance that answers many requests will soon find no more memory: it took nearly all that it may have, and more
 * than it had at its second request. One that needs so much from the beginning is used as any other.
 */
export class Wear {
  #first = 0;

  /** A new instance. */
  begin(): void {
    this.#first = 0;
  }

  isWorn(memories: readonly WebAssembly.Memory[], plans: readonly MemoryPlan[], limit: number): boolean {
    let bytes = 0;
    for (const memory of memories) bytes += memory.buffer.byteLength;
    if (this.#first === 0) this.#first = bytes;
    if (bytes <= this.#first) return false;
    const sizes = memories.map(({ buffer }) => buffer.byteLength);
    return isFull(sizes, plans, limit);
  }
}
