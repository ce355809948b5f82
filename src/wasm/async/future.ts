import type { Element } from "../host/contract.ts";
import type { Handles } from "../host/handles.ts";
import type { GuestMemory } from "../host/memory.ts";
import { copyElements, End, type Buffer } from "./end.ts";
import { copied, eventKind, type Copied } from "./event.ts";
import type { Tasks } from "./tasks.ts";

/** Where a future's readable end gets its value from. */
export interface FutureOrigin {
  reader: FutureReader | undefined;
  /** Undefined: not now. */
  read(buffer: Buffer): Copied | undefined;
  closeReader(): void;
}

/** A value of the host that comes at some time. */
export abstract class HostFuture<T> implements FutureOrigin {
  reader: FutureReader | undefined;
  readonly element: Element;
  #settled: { value: T } | undefined;
  #listener: ((value: T) => void) | undefined;

  constructor(element: Element) {
    this.element = element;
  }

  /** Writes the value into a guest's memory. */
  protected abstract put(memory: GuestMemory, at: number, value: T, handles: Handles): void;

  /** The first value counts. */
  settle(value: T): void {
    if (this.#settled !== undefined) return;
    this.#settled = { value };
    this.#listener?.(value);
    this.reader?.again((buffer) => this.read(buffer));
  }

  /** Has the host itself told the value. */
  onSettled(listener: (value: T) => void): void {
    if (this.#settled === undefined) this.#listener = listener;
    else listener(this.#settled.value);
  }

  read({ memory, pointer, handles }: Buffer): Copied | undefined {
    if (this.#settled === undefined) return undefined;
    const { size, align } = this.element;
    this.put(memory, memory.at(pointer, size, align), this.#settled.value, handles);
    return copied.completed;
  }

  closeReader(): void {
    this.reader = undefined;
  }
}

abstract class FutureEnd extends End {
  protected override result(result: Copied): number {
    if (result !== copied.cancelled) this.isDone = true;
    return result;
  }
}

/** The readable end of a future. */
export class FutureReader extends FutureEnd {
  readonly kind = "future-reader";
  readonly eventKind = eventKind.futureRead;
  readonly origin: FutureOrigin;

  constructor(tasks: Tasks, element: Element, origin: FutureOrigin) {
    super(tasks, element);
    this.origin = origin;
    origin.reader = this;
  }

  copy(buffer: Buffer): number {
    const result = this.origin.read(buffer);
    return result === undefined ? this.later(buffer) : this.result(result);
  }

  override dropped(): void {
    super.dropped();
    this.origin.closeReader();
  }
}

/** The writable end of a future. */
export class FutureWriter extends FutureEnd {
  readonly kind = "future-writer";
  readonly eventKind = eventKind.futureWrite;
  readonly slot: Slot;

  constructor(tasks: Tasks, element: Element, slot: Slot) {
    super(tasks, element);
    this.slot = slot;
    slot.writer = this;
  }

  copy(buffer: Buffer): number {
    const result = this.slot.write(buffer);
    return result === undefined ? this.later(buffer) : this.result(result);
  }
}

/** Takes the value of a future from the guest's memory. */
type Lift = (memory: GuestMemory, at: number, handles: Handles) => void;

/** What joins the two ends of a future that a guest made. */
export class Slot implements FutureOrigin {
  reader: FutureReader | undefined;
  writer: FutureWriter | undefined;
  readonly #element: Element;
  #lift: Lift | undefined;
  #readerGone = false;

  constructor(element: Element) {
    this.#element = element;
  }

  /** The host takes the value. */
  attach(lift: Lift): void {
    this.reader = undefined;
    this.#lift = lift;
    const waiting = this.writer?.buffer;
    if (waiting === undefined) return;
    this.#take(lift, waiting);
    this.writer!.finish(copied.completed);
  }

  write(buffer: Buffer): Copied | undefined {
    if (this.#readerGone) return copied.dropped;
    if (this.#lift !== undefined) {
      this.#take(this.#lift, buffer);
      return copied.completed;
    }
    const to = this.reader?.buffer;
    if (to === undefined) return undefined;
    this.#copy(buffer, to);
    this.reader!.finish(copied.completed);
    return copied.completed;
  }

  read(buffer: Buffer): Copied | undefined {
    const from = this.writer?.buffer;
    if (from === undefined) return undefined;
    this.#copy(from, buffer);
    this.writer!.finish(copied.completed);
    return copied.completed;
  }

  closeReader(): void {
    this.#readerGone = true;
    this.reader = undefined;
    this.writer?.finish(copied.dropped);
  }

  #take(lift: Lift, { memory, pointer, handles }: Buffer): void {
    const { size, align } = this.#element;
    lift(memory, memory.from(pointer, size, align), handles);
  }

  #copy(from: Buffer, to: Buffer): void {
    copyElements(from, to, 1, this.#element.size);
  }
}
