import type { Manifest } from "./manifest.ts";
import { Images } from "./image.ts";

const page = 65_536;

/** So many requests that grow a memory cost a new place each; a component that still does it gets room ahead. */
const growthsForgiven = 3;

/** Pages of 64 KiB that each place may hold beyond what it was kept with: what a guest touched once takes memory. */
export const freeRoom = 256;

/**
 * Pages of 64 KiB that the places of a thread may hold together beyond that: a 64th of the machine's memory, 64 MiB at least
 * and 256 at most. Without, each request that grows a memory far would leave it to the garbage collector, whose
 * collections hold up everybody on the thread.
 */
const mostRoom = (): number =>
  Math.min(Math.max(Math.floor(process.getBuiltinModule("node:os").totalmem() / 64 / page), 1024), 4096);

/** What guests grew and places go on holding, of all components of this thread. */
class Room {
  #taken = 0;
  /** Known once somebody takes of it, which no short command does. */
  #most: number | undefined;
  /** Asked to give up a place that nobody used lately. */
  reclaim: () => void = () => {};
  /** Asked to give up all that nobody uses now. */
  giveUp: () => void = () => {};

  /** @param pages of 64 KiB. False: there is no room for so many. */
  take(pages: number): boolean {
    const most = (this.#most ??= mostRoom());
    if (this.#taken + pages > most) this.reclaim();
    if (this.#taken + pages > most) return false;
    this.#taken += pages;
    return true;
  }

  free(pages: number): void {
    this.#taken -= pages;
  }
}

export const threadRoom = new Room();

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
   * Answers whether its place may go on like that. @param pages of 64 KiB that new places get from the start.
   */
  mayStay(memory: number, pages: number): boolean {
    if (++this.#grew <= growthsForgiven) return false;
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
