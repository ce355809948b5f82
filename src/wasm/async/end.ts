import type { Element } from "../host/contract.ts";
import type { GuestMemory } from "../host/memory.ts";
import { blocked, copied, type Copied, type Event } from "./event.ts";
import type { Tasks } from "./tasks.ts";
import { Waitable } from "./waitable.ts";

/** Elements of one copy at most. */
export const mostElements = 2 ** 28 - 1;

/** Where in the guest's memory a copy reads or writes. */
export interface Buffer {
  memory: GuestMemory;
  pointer: number;
  /** Elements that are left. */
  left: number;
  /** Elements that were copied. */
  done: number;
}

/** One end of a stream or of a future, in the hands of a guest: at most one copy at a time. */
export abstract class End extends Waitable {
  readonly element: Element;
  buffer: Buffer | undefined;
  /** No further copy is allowed. */
  isDone = false;
  /** Its kind of event. */
  abstract readonly eventKind: number;

  constructor(tasks: Tasks, element: Element) {
    super(tasks);
    this.element = element;
  }

  /** A copy is under way: begun, and its event not taken. */
  get isCopying(): boolean {
    return this.buffer !== undefined || this.hasEvent;
  }

  /** Begins a copy; answers its result, or `blocked` where an event follows. */
  abstract copy(buffer: Buffer): number;

  /** Ends the copy under way, which has not come to its end. */
  cancel(): void {
    this.finish(copied.cancelled);
  }

  /** The copy that the guest waits for is over; more may be copied until it takes the event. */
  finish(result: Copied): void {
    const { buffer } = this;
    if (buffer === undefined) return;
    this.buffer = undefined;
    this.happened((): Event => [this.eventKind, this.handle, this.result(result, buffer.done)]);
  }

  /** What a copy came to, as the guest reads it. */
  protected abstract result(result: Copied, done: number): number;

  /** Keeps a copy until its other side comes. */
  protected later(buffer: Buffer): number {
    this.buffer = buffer;
    return blocked;
  }
}
