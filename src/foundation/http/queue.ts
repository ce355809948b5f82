import type { BodySink, BodyStream, RawHeaders } from "./message.ts";
import { keepPiece, returnPiece } from "./places.ts";

/** Pieces that may wait, however small: each costs more than its bytes. */
const mostPieces = 1024;

/** Memory that several bodies share, for what waits in them beyond their high water. */
export interface Spare {
  /** Bytes that one of them may have at most. */
  readonly most: number;
  /** False: there is no room for so many more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/**
 * A body stream between a source that pushes (a socket, a guest) and its one reader.
 * The source stops when `push` answers false and goes on when `onRoom` is called.
 */
export class BodyQueue implements BodyStream {
  readonly length: number | undefined;
  trailers: RawHeaders | undefined;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #ended = false;
  #failure: unknown;
  #sink: BodySink | undefined;
  /** The sink takes pieces as they come. */
  #flowing = false;
  /** The source was told to stop. */
  #stopped = false;
  #reader: { resolve: (piece: Uint8Array | undefined) => void; reject: (error: unknown) => void } | undefined;
  readonly #onRoom: () => void;
  readonly #onCancel: (reason: unknown) => void;
  readonly #onWait: (() => void) | undefined;
  readonly #highWater: number;
  readonly #spare: Spare | undefined;
  /** Of the spare memory. */
  #borrowed = 0;

  /**
   * @param options.onWait a reader wants what is not there yet.
   * @param options.highWater bytes that may wait before the source is told to stop (default 64 KiB).
   * @param options.spare what may wait besides.
   */
  constructor(options: {
    length?: number | undefined;
    onRoom?: () => void;
    onCancel?: (reason: unknown) => void;
    onWait?: () => void;
    highWater?: number;
    spare?: Spare | undefined;
  }) {
    this.length = options.length;
    this.#onRoom = options.onRoom ?? nothing;
    this.#onCancel = options.onCancel ?? nothing;
    this.#onWait = options.onWait;
    this.#highWater = options.highWater ?? 65_536;
    this.#spare = options.spare;
  }

  /** Adds a piece that the queue may keep. False: enough waits, stop until `onRoom`. */
  push(piece: Uint8Array): boolean {
    if (this.#ended || piece.length === 0) return true;
    if (this.#flowing) return this.pushLent(Buffer.from(piece.buffer, piece.byteOffset, piece.length), false);
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve(piece);
      return true;
    }
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (!this.#full || this.#borrow(piece.length)) return true;
    this.#stopped = true;
    return false;
  }

  /**
   * `push` and `end` for a piece that is only lent: it is copied where nobody takes it at once.
   * @param last the body is complete with it. False: as of `push`.
   */
  pushLent(piece: Buffer | undefined, last: boolean, trailers?: RawHeaders): boolean {
    if (this.#ended) return true;
    if (!this.#flowing) {
      const room = piece === undefined || this.push(keepPiece(piece));
      if (last) this.end(trailers);
      return room;
    }
    if (last) {
      this.#ended = true;
      this.trailers = trailers;
    }
    this.#give(piece, last);
    // Where the sink has no room the source goes on: what comes waits here, as it does for a reader.
    return true;
  }

  flow(sink: BodySink): boolean {
    this.#sink = sink;
    this.goOn();
    return true;
  }

  /** The sink has room again: it gets what waited, and the source goes on. */
  goOn(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (this.#failure !== undefined) return sink.fail(this.#failure);
    this.#flowing = true;
    while (this.#flowing && this.#pieces.length > 0) {
      const piece = this.#pieces.shift() as Uint8Array;
      const { buffer, byteOffset, length } = piece;
      this.#waiting -= length;
      this.#giveBack(length);
      this.#give(Buffer.from(buffer, byteOffset, length), this.#ended && this.#pieces.length === 0);
      returnPiece(piece);
    }
    if (this.#sink === undefined || !this.#flowing) return;
    if (this.#ended) return this.#give(undefined, true);
    this.#onWait?.();
    if (this.#stopped) {
      this.#stopped = false;
      this.#onRoom();
    }
  }

  #give(piece: Buffer | undefined, last: boolean): void {
    const sink = this.#sink as BodySink;
    if (last) this.#sink = undefined;
    this.#flowing = sink.take(piece, last) && !last;
  }

  get #full(): boolean {
    return this.#waiting >= this.#highWater || this.#pieces.length >= mostPieces;
  }

  #borrow(bytes: number): boolean {
    const spare = this.#spare;
    if (spare === undefined || this.#pieces.length >= mostPieces) return false;
    if (this.#borrowed + bytes > spare.most || !spare.take(bytes)) return false;
    this.#borrowed += bytes;
    return true;
  }

  #giveBack(bytes: number): void {
    if (this.#borrowed === 0) return;
    const back = Math.min(bytes, this.#borrowed);
    this.#borrowed -= back;
    this.#spare?.give(back);
  }

  #drop(): void {
    for (const piece of this.#pieces) returnPiece(piece);
    this.#pieces = [];
    this.#waiting = 0;
    this.#giveBack(this.#borrowed);
  }

  /** The body is complete. */
  end(trailers?: RawHeaders): void {
    if (this.#ended) return;
    this.#ended = true;
    this.trailers = trailers;
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
    if (this.#flowing) this.#give(undefined, true);
  }

  /** The source broke; what waits is dropped, since nobody may take a part for the whole. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = error;
    this.#drop();
    this.#reader?.reject(error);
    this.#reader = undefined;
    const sink = this.#sink;
    this.#sink = undefined;
    this.#flowing = false;
    sink?.fail(error);
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    const full = this.#full;
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#waiting -= piece.length;
      this.#giveBack(piece.length);
      if (full && !this.#full) {
        this.#stopped = false;
        this.#onRoom();
      }
      return piece;
    }
    if (this.#ended) return undefined;
    this.#onWait?.();
    return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
  }

  cancel(reason?: unknown): void {
    if (this.#ended) {
      this.#drop();
      return;
    }
    this.fail(reason ?? new Error("the body was cancelled"));
    this.#onCancel(reason);
  }
}

function nothing(): void {}
