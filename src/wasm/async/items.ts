import type { GuestMemory } from "../host/memory.ts";
import type { Buffer } from "./end.ts";
import { copied, type Copied } from "./event.ts";
import { advance, type StreamReader } from "./stream.ts";

/** Items of the host that a guest reads, one after the other, as far as they are there. */
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

  /** Nothing is there now, and more may come, which `arrived` tells. */
  protected get isWaiting(): boolean {
    return false;
  }

  /** Writes an item into a guest's memory. */
  protected abstract put(memory: GuestMemory, at: number, item: T): void;

  /** Called once when there is nothing more to read, or nobody who would. */
  protected abstract ended(): void;

  /** Undefined: not now. */
  read(buffer: Buffer): Copied | undefined {
    while (buffer.left > 0) {
      if (!this.#ended && this.isWaiting) return buffer.done > 0 ? copied.completed : undefined;
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

  /** Something came, or nothing will any more: who waits for it gets it. */
  protected arrived(): void {
    this.reader?.again((buffer) => this.read(buffer));
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
