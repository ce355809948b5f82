import {
  mostLent,
  returnPiece,
  type Body,
  type BodySink,
  type BodyStream,
  type RawHeaders,
} from "../../../foundation/http/index.ts";
import type { OutputSink, Piece } from "../io/index.ts";
import { WrongLength, type LengthError } from "./error-code.ts";
import { highWater, smallBody } from "../limits.ts";
import type { Backlog } from "./backlog.ts";
import { Pieces } from "./pieces.ts";

/** What a body tells the guest that writes it. */
export interface Writer {
  notify(): void;
  /** Called with what it wrote itself before that is taken; throws where it wrote too much. */
  wrote(bytes: number): void;
  /** What it wrote into this body and others, and nobody has taken yet. */
  readonly backlog?: Backlog | undefined;
}

/** Writes below this wait for others of the same turn where the body flows: each that goes on costs more than its bytes. */
const passedOn = 4096;
/** More than that does not wait for the end of the turn. */
const mostInTurn = 16 << 10;

type Reader = { resolve: (piece: Uint8Array | undefined) => void; reject: (error: unknown) => void };

/**
 * The content of a body on its way from the guest that writes it to the one reader. Complete in memory where the
 * guest is quick and the body small, else a stream with back-pressure.
 */
export class Content implements OutputSink, BodyStream {
  /** Declared by content-length. */
  readonly length: number | undefined;
  trailers: RawHeaders | undefined;
  failure: unknown;
  /** Fewer bytes than were declared are whole: an answer to HEAD, or with 304, says how long another one would be. */
  mayBeShort = false;
  readonly #writer: Writer;
  readonly #lengthError: LengthError;
  /** What is written goes nowhere: the answer to a HEAD request. */
  #discards = false;
  #written = 0;
  #isChecked = true;
  readonly #pieces: Pieces;
  #state: "open" | "finished" | "broken" | "unwanted" = "open";
  #reader: Reader | undefined;
  #sink: BodySink | undefined;
  /** The sink has room. */
  #flowing = false;
  /** What waits for the sink goes on at the end of this turn. */
  #isDue = false;

  /** @param lengthError what its writer is told where it has not the length that was declared. */
  constructor(length: number | undefined, writer: Writer, lengthError: LengthError = "HTTP-response-body-size") {
    this.length = length;
    this.#writer = writer;
    this.#pieces = new Pieces(writer.backlog);
    this.#lengthError = lengthError;
  }

  get finished(): boolean {
    return this.#state === "finished";
  }

  /** Nobody reads it. */
  get unwanted(): boolean {
    return this.#state === "unwanted";
  }

  room(): number | undefined {
    if (this.#state !== "open") return undefined;
    if (this.#discards) return highWater;
    const room = highWater - this.#pieces.size;
    const { backlog } = this.#writer;
    if (backlog === undefined || room <= 0) return Math.max(room, 0);
    if (backlog.room === 0) backlog.onRoom(this.#hasRoom);
    return Math.min(room, backlog.room);
  }

  readonly #hasRoom = (): void => this.#writer.notify();

  flushed(): boolean {
    return this.room() !== 0;
  }

  write(bytes: Buffer, unseen = false): void {
    if (bytes.length === 0 || !this.#count(bytes.length)) return;
    if (!unseen) this.#writer.wrote(bytes.length);
    if (this.#discards) return;
    if (this.#reader !== undefined) return this.#give(Buffer.from(bytes));
    if (this.#flowing && bytes.length >= passedOn) return this.#pass(bytes);
    this.#pieces.copy(bytes);
    if (this.#flowing) this.#dueSoon();
  }

  keep(piece: Uint8Array): void {
    if (piece.length === 0 || !this.#count(piece.length)) return;
    this.#writer.wrote(piece.length);
    if (this.#discards) return;
    if (this.#reader !== undefined) return this.#give(piece);
    this.#pieces.keep(piece);
    if (this.#flowing) this.#dueSoon();
  }

  push(piece: Piece): void {
    if (!this.#count(piece.length) || this.#discards) return;
    if (this.#reader !== undefined) return this.#give(asBytes(piece));
    this.#pieces.add(piece);
    if (this.#flowing) this.#dueSoon();
  }

  /** Counts towards the declared length; more than that breaks the body. */
  #count(bytes: number): boolean {
    this.#written += bytes;
    if (!this.#isChecked || this.length === undefined || this.#written <= this.length) return true;
    this.break(new WrongLength(this.#lengthError, this.#written, this.length));
    return false;
  }

  /** Its length is nobody's business until `leaves`: another component of the same may read it, whatever was declared. */
  stays(): void {
    this.#isChecked = false;
  }

  /** It goes to somebody who counts on its length. */
  leaves(): void {
    if (this.#isChecked) return;
    this.#isChecked = true;
    const { finished, length } = this;
    if (length === undefined || !(this.#written > length || (finished && this.#isShort()))) return;
    if (finished) this.#state = "open";
    this.break(new WrongLength(this.#lengthError, this.#written, length));
  }

  #isShort(): boolean {
    return this.length !== undefined && this.#written < this.length && !this.mayBeShort;
  }

  /** The guest says that it is complete. Answers the bytes written where they are not what was declared. */
  finish(trailers: RawHeaders | undefined): number | undefined {
    if (this.failure instanceof WrongLength) return this.#written;
    if (this.#state !== "open") return undefined;
    if (this.#isChecked && this.#isShort()) {
      this.break(new WrongLength(this.#lengthError, this.#written, this.length!));
      return this.#written;
    }
    this.#state = "finished";
    if (trailers !== undefined && trailers.length > 0) this.trailers = trailers;
    if (this.#pieces.size === 0) this.#give(undefined);
    this.#flush();
    return undefined;
  }

  /** It will never be complete; who reads it must see that. */
  break(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "broken";
    this.failure = error;
    this.#pieces.drop();
    this.#reader?.reject(error);
    this.#reader = undefined;
    const sink = this.#letGo();
    // The guest may be in the middle of something.
    if (sink !== undefined) queueMicrotask(() => sink.fail(error));
    // Who waits for room finds it closed.
    this.#writer.notify();
  }

  /** All of it where it is finished and nobody read from it yet. */
  whole(): Exclude<Body, BodyStream> {
    return this.#pieces.takeAll(smallBody);
  }

  /** The body for who reads it: in memory where it is complete, and nothing stands behind it. */
  outgoing(): Body {
    return this.finished && this.trailers === undefined ? this.whole() : this;
  }

  discard(): void {
    this.#discards = true;
    this.mayBeShort = true;
    this.#pieces.drop();
    this.#writer.notify();
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#state === "broken") throw this.failure;
    const piece = this.#pieces.take();
    if (piece !== undefined) {
      if (this.#state === "open") this.#writer.notify();
      return asBytes(piece);
    }
    if (this.#state !== "open") return undefined;
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#writer.notify();
    });
  }

  flow(sink: BodySink): boolean {
    if (this.#state === "broken") sink.fail(this.failure);
    else {
      this.#sink = sink;
      this.goOn();
    }
    return true;
  }

  /** The sink has room. */
  goOn(): void {
    if (this.#sink === undefined) return;
    this.#flowing = true;
    this.#flush();
    if (this.#state === "open") this.#writer.notify();
  }

  cancel(): void {
    this.#letGo();
    if (this.#state === "open") {
      this.#state = "unwanted";
      this.#give(undefined);
      this.#writer.notify();
    }
    this.#pieces.drop();
  }

  #letGo(): BodySink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#flowing = false;
    return sink;
  }

  #dueSoon(): void {
    if (this.#pieces.size >= mostInTurn) return this.#flush();
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#flush();
    });
  }

  /** What waits goes to the sink, as far as that has room, and the end behind it. */
  #flush(): void {
    while (this.#flowing) {
      const piece = this.#pieces.take();
      const last = this.finished && this.#pieces.size === 0;
      if (piece === undefined && !last) return;
      const bytes = piece === undefined ? undefined : asBytes(piece);
      this.#hand(bytes, last);
      if (bytes !== undefined) returnPiece(bytes);
    }
  }

  /** Bytes that are only lent, behind what waits. */
  #pass(bytes: Buffer): void {
    this.#flush();
    let at = 0;
    while (this.#flowing && at < bytes.length) this.#hand(bytes.subarray(at, (at += mostLent)), false);
    if (at < bytes.length && this.#state === "open") this.#pieces.copy(bytes.subarray(at) as Buffer);
  }

  #hand(piece: Uint8Array | undefined, last: boolean): void {
    const sink = this.#sink as BodySink;
    if (last) this.#letGo();
    const bytes = piece === undefined ? undefined : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const room = sink.take(bytes, last);
    if (!room) this.#flowing = false;
  }

  #give(piece: Uint8Array | undefined): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(piece);
  }
}

function asBytes(piece: Piece): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece, "latin1") : piece;
}
