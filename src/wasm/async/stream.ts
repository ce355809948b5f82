import type { OutputSink } from "../host/io/index.ts";
import { copyElements, End, type Buffer } from "./end.ts";
import { copied, eventKind, type Copied } from "./event.ts";
import type { HostBytes } from "./bytes.ts";
import type { HostItems } from "./items.ts";
import type { Tasks } from "./tasks.ts";
import type { Element } from "../host/contract.ts";

/** Bytes that go from one end to the other at once: nobody else on the thread has a turn meanwhile, and the ABI lets copies be shorter than asked for. */
const mostAtOnce = 1 << 20;

/** What a stream reads of: a pipe that a guest writes, or bytes or other items of the host. */
type StreamOrigin = Pipe | HostBytes | HostItems<unknown>;

abstract class StreamEnd extends End {
  protected override result(result: Copied, done: number): number {
    if (result === copied.dropped) this.isDone = true;
    return result | (done << 4);
  }
}

/** The readable end of a stream. */
export class StreamReader extends StreamEnd {
  readonly kind = "stream-reader";
  readonly eventKind = eventKind.streamRead;
  readonly origin: StreamOrigin;

  constructor(tasks: Tasks, element: Element, origin: StreamOrigin) {
    super(tasks, element);
    this.origin = origin;
    origin.reader = this;
  }

  copy(buffer: Buffer): number {
    const result = this.origin.read(buffer);
    return result === undefined ? this.later(buffer) : this.result(result, buffer.done);
  }

  override dropped(): void {
    super.dropped();
    this.origin.closeReader();
  }
}

/** The writable end of a stream. */
export class StreamWriter extends StreamEnd {
  readonly kind = "stream-writer";
  readonly eventKind = eventKind.streamWrite;
  readonly pipe: Pipe;

  constructor(tasks: Tasks, element: Element, pipe: Pipe) {
    super(tasks, element);
    this.pipe = pipe;
    pipe.writer = this;
  }

  copy(buffer: Buffer): number {
    const result = this.pipe.write(buffer);
    return result === undefined ? this.later(buffer) : this.result(result, buffer.done);
  }

  override dropped(): void {
    super.dropped();
    this.pipe.closeWriter();
  }
}

/** What a guest writes goes to its own readable end, or to the host once that took the end. */
export class Pipe {
  reader: StreamReader | undefined;
  writer: StreamWriter | undefined;
  readonly #size: number;
  /** Elements that one copy moves. */
  readonly #most: number;
  #sink: OutputSink | undefined;
  #onClosed: () => void = nothing;
  #readerGone = false;
  #writerGone = false;

  constructor(size: number) {
    this.#size = size;
    this.#most = size === 0 ? Number.POSITIVE_INFINITY : Math.max(Math.floor(mostAtOnce / size), 1);
  }

  /** The host reads on. @param onClosed called when the guest writes no more. */
  attach(sink: OutputSink, onClosed: () => void): void {
    this.reader = undefined;
    this.#sink = sink;
    this.#onClosed = onClosed;
    this.flush();
    if (this.#writerGone) onClosed();
  }

  /** Undefined: not now. */
  write(buffer: Buffer): Copied | undefined {
    if (this.#readerGone) return copied.dropped;
    if (this.#sink !== undefined) return this.#toSink(this.#sink, buffer);
    const to = this.reader?.buffer;
    if (to === undefined) return undefined;
    if (to.left > 0) return this.#meet(buffer, to, this.reader!);
    if (isEmpty(buffer) && isEmpty(to)) return copied.completed;
    this.reader!.finish(copied.completed);
    return undefined;
  }

  /** Undefined: not now. */
  read(buffer: Buffer): Copied | undefined {
    const from = this.writer?.buffer;
    if (from === undefined) return this.#writerGone ? copied.dropped : undefined;
    if (from.left > 0) return this.#meet(from, buffer, this.writer!);
    this.writer!.finish(copied.completed);
    return undefined;
  }

  /** @param waiting the end that was there first. */
  #meet(from: Buffer, to: Buffer, waiting: StreamEnd): Copied {
    const count = Math.min(from.left, to.left, this.#most);
    if (count === 0) return copied.completed;
    copyElements(from, to, count, this.#size);
    advance(from, count, this.#size);
    advance(to, count, this.#size);
    waiting.progressed();
    return copied.completed;
  }

  /** There may be room again behind it. */
  flush(): void {
    const waiting = this.writer?.buffer;
    if (waiting === undefined || this.#sink === undefined || !this.writer!.isAlive) return;
    const result = this.#toSink(this.#sink, waiting);
    if (result !== undefined) this.writer!.finish(result);
  }

  closeReader(): void {
    this.#readerGone = true;
    this.reader = undefined;
    this.writer?.finish(copied.dropped);
  }

  closeWriter(): void {
    this.#writerGone = true;
    this.writer = undefined;
    this.reader?.finish(copied.dropped);
    this.#onClosed();
  }

  #toSink(sink: OutputSink, buffer: Buffer): Copied | undefined {
    const room = sink.room();
    if (room === undefined) return copied.dropped;
    if (room === 0) return undefined;
    const count = Math.min(room, buffer.left);
    if (count > 0) {
      sink.write(buffer.memory.slice(buffer.pointer, count));
      // What broke it was not taken.
      if (sink.room() === undefined) return copied.dropped;
    }
    advance(buffer, count, 1);
    return copied.completed;
  }
}

/** A copy of no elements, which only asks whether the other side is there. */
function isEmpty({ left, done }: Buffer): boolean {
  return left + done === 0;
}

export function advance(buffer: Buffer, count: number, size: number): void {
  buffer.pointer += count * size;
  buffer.left -= count;
  buffer.done += count;
}

function nothing(): void {}
