import type { Body } from "../../foundation/http/index.ts";
import type { InputSource } from "../host/io/index.ts";
import type { Buffer as Target } from "./end.ts";
import { copied, type Copied } from "./event.ts";
import { advance, type StreamReader } from "./stream.ts";

/** Bytes of one read at most. */
const largestRead = 64 << 10;

/** Bytes of the host that a guest reads, as long as it does; untouched ones can be passed on whole. */
export abstract class HostBytes {
  reader: StreamReader | undefined;
  /** Called when it goes into another message instead of to the guest. */
  passOn: (() => void) | undefined;
  readonly body: Body;
  #source: InputSource | undefined;
  #onReady: (nothing: undefined) => void = nothing;
  #ended = false;

  constructor(body: Body) {
    this.body = body;
  }

  /** Begins to read. */
  protected abstract open(onReady: () => void): InputSource;

  /** Called once when there is nothing more to read, or nobody who would. */
  protected abstract ended(failure: unknown): void;

  /** Nothing was read of it. */
  get isUntouched(): boolean {
    return this.#source === undefined && !this.#ended;
  }

  /** Undefined: not now. */
  read(buffer: Target): Copied | undefined {
    const source = (this.#source ??= this.open(() => this.#ready()));
    if (this.#ended) return copied.dropped;
    if (!source.ready()) return undefined;
    if (buffer.left === 0) return copied.completed;
    const piece = source.take(Math.min(buffer.left, largestRead));
    if (piece === undefined) {
      this.#end(source.failure);
      return copied.dropped;
    }
    const { memory } = buffer;
    const at = memory.at(buffer.pointer, piece.length);
    if (typeof piece === "string") memory.bytes.write(piece, at, "latin1");
    else memory.bytes.set(piece, at);
    advance(buffer, piece.length, 1);
    return copied.completed;
  }

  /** The next bytes for a reader of the host; undefined at the end. */
  pull(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const source = (this.#source ??= this.open(() => this.#ready()));
    if (!source.ready()) return new Promise((resolve) => (this.#onReady = resolve)).then(() => this.pull());
    const piece = source.take(largestRead);
    if (typeof piece === "string") return Buffer.from(piece, "latin1");
    if (piece !== undefined) return source.lends === true ? Buffer.copyBytesFrom(piece) : piece;
    this.#end(source.failure);
    if (source.failure !== undefined) throw source.failure;
    return undefined;
  }

  closeReader(): void {
    this.reader = undefined;
    if (this.#ended) return;
    (this.#source ??= this.open(nothing)).close();
    this.#end(undefined);
  }

  /** There will be no more: who waits for it is told. */
  protected cut(): void {
    this.reader?.finish(copied.dropped);
  }

  #ready(): void {
    this.#onReady(undefined);
    this.reader?.again((buffer) => this.read(buffer));
  }

  #end(failure: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.ended(failure);
  }
}

function nothing(): void {}
