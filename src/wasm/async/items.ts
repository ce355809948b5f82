import type { GuestMemory } from "../host/memory.ts";
import type { Buffer } from "./end.ts";
import { copied, type Copied } from "./event.ts";
import { advance, type StreamReader } from "./stream.ts";

/** Items of the host that a guest reads, one after the other: they are there whenever it asks. */
export abstract class HostItems<T> {
  reader: StreamReader | undefined;
  readonly #size: number;
  #ended = false;

  /** @param size bytes of one item in memory. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Undefined: there are no more. */
  protected abstract next(): T | undefined;

  /** Writes an item into a guest's memory. */
  protected abstract put(memory: GuestMemory, at: number, item: T): void;

  /** Called once when there is nothing more to read, or nobody who would. */
  protected abstract ended(): void;

  read(buffer: Buffer): Copied {
    while (buffer.left > 0) {
      const item = this.#ended ? undefined : this.next();
      if (item === undefined) {
        this.#end();
        return copied.dropped;
      }
      this.put(buffer.memory, buffer.pointer, item);
      advance(buffer, 1, this.#size);
    }
    return copied.completed;
  }

  closeReader(): void {
    this.reader = undefined;
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.ended();
  }
}
