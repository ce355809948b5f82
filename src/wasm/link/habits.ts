import type { Manifest } from "./manifest.ts";
import { Images } from "./marked-memory.ts";

const page = 65_536;

/** So many requests that grow a memory cost a new place each; a component that still does it gets room ahead. */
const growthsForgiven = 3;

/** Pages of 64 KiB that a place may hold beyond what it was kept with: what a guest touched once takes memory. */
const mostRoom = 256;

/** What the places of one component on one thread have in common. */
export class Habits {
  readonly images = new Images();
  /** Requests that grew a memory beyond what it really had. */
  #grew = 0;
  /** Pages that each memory really gets from the start, by then. */
  readonly #room: number[] = [];

  static of(manifest: Manifest): Habits {
    let found = known.get(manifest);
    if (found === undefined) known.set(manifest, (found = new Habits()));
    return found;
  }

  /**
   * A memory cannot shrink again; for the guest it does, but then a stray pointer beyond its end does not trap.
   * Answers whether its place may go on like that.
   * @param kept pages that the guest had of it at `keep`.
   */
  mayStay(memory: number, pages: number, kept: number): boolean {
    if (++this.#grew <= growthsForgiven || pages > kept + mostRoom) return false;
    this.#room[memory] = Math.max(this.#room[memory] ?? 0, pages);
    return true;
  }

  makeRoom(memories: readonly WebAssembly.Memory[]): void {
    for (const [i, memory] of memories.entries()) {
      const more = (this.#room[i] ?? 0) - pagesOf(memory);
      if (more <= 0) continue;
      try {
        memory.grow(more);
      } catch {
        // Its own maximum is lower: then there is no room to make.
      }
    }
  }
}

const known = new WeakMap<Manifest, Habits>();

/** Pages of 64 KiB that a memory really has. */
export function pagesOf({ buffer }: WebAssembly.Memory): number {
  return buffer.byteLength / page;
}
