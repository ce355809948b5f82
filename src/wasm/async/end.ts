import type { Element } from "../host/contract.ts";
import type { Handles } from "../host/handles.ts";
import type { GuestMemory } from "../host/memory.ts";
import { blocked, copied, type Copied, type Event } from "./event.ts";
import type { Tasks } from "./tasks.ts";
import { Waitable } from "./waitable.ts";

/** Elements of one copy at most. */
export const mostElements = 2 ** 28 - 1;

/** Elements that are more than bytes, on one side of a copy from component to component. */
export interface Elements {
  /** @param from place of the first one. @param at where it goes on the other side. */
  moveTo(to: Elements, from: number, at: number, count: number): void;
}

/** Where in the guest's memory a copy reads or writes. */
export interface Buffer {
  memory: GuestMemory;
  /** Of who copies: what it reads or writes may be handles. */
  handles: Handles;
  /** Where there is more to do than to copy bytes. */
  elements?: Elements | undefined;
  pointer: number;
  /** Elements that are left. */
  left: number;
  /** Elements that were copied. */
  done: number;
}

/** Copies elements from a writer to a reader. */
export function copyElements(from: Buffer, to: Buffer, count: number, size: number): void {
  if (size === 0 || count === 0) return;
  if (from.elements !== undefined && to.elements !== undefined) {
    from.elements.moveTo(to.elements, from.pointer, to.pointer, count);
    return;
  }
  const at = to.memory.at(to.pointer, count * size);
  to.memory.bytes.set(from.memory.slice(from.pointer, count * size), at);
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

  /** Something was copied; more may be until the guest takes the event. */
  progressed(): void {
    const { buffer } = this;
    if (buffer === undefined) return;
    this.happened((): Event => {
      this.buffer = undefined;
      return [this.eventKind, this.handle, this.result(copied.completed, buffer.done)];
    });
  }

  /** The copy that the guest waits for is over. */
  finish(result: Copied): void {
    const { buffer } = this;
    if (buffer === undefined) return;
    this.buffer = undefined;
    this.happened((): Event => [this.eventKind, this.handle, this.result(result, buffer.done)]);
  }

  /** The copy under way may be possible now: the host has something for it. */
  again(copy: (buffer: Buffer) => Copied | undefined): void {
    const { buffer } = this;
    if (buffer === undefined || !this.isAlive) return;
    this.tasks.onBehalf(() => {
      const result = copy(buffer);
      if (result !== undefined) this.finish(result);
    });
  }

  /** What a copy came to, as the guest reads it. */
  protected abstract result(result: Copied, done: number): number;

  /** Keeps a copy until its other side comes. */
  protected later(buffer: Buffer): number {
    this.buffer = buffer;
    return blocked;
  }
}
