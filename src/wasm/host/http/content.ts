import type { Body, BodyStream, RawHeaders } from "../../../foundation/http/index.ts";
import type { OutputSink, Piece } from "../io/index.ts";
import { WrongLength, type LengthError } from "./error-code.ts";
import { highWater, smallBody } from "../limits.ts";
import { Pieces } from "./pieces.ts";

/** What a body tells the guest that writes it. */
export interface Writer {
  notify(): void;
  /** Called with what it wrote itself before that is taken; throws where it wrote too much. */
  wrote(bytes: number): void;
}

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
  #pieces = new Pieces();
  #state: "open" | "finished" | "broken" | "unwanted" = "open";
  #reader: Reader | undefined;

  /** @param lengthError what its writer is told where it has not the length that was declared. */
  constructor(length: number | undefined, writer: Writer, lengthError: LengthError = "HTTP-response-body-size") {
    this.length = length;
    this.#writer = writer;
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
    return Math.max(highWater - this.#pieces.size, 0);
  }

  flushed(): boolean {
    return this.room() !== 0;
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0 || !this.#count(bytes.length)) return;
    this.#writer.wrote(bytes.length);
    if (this.#discards) return;
    if (this.#reader === undefined) this.#pieces.copy(bytes);
    else this.#give(Buffer.from(bytes));
  }

  push(piece: Piece): void {
    if (!this.#count(piece.length) || this.#discards) return;
    if (this.#reader === undefined) this.#pieces.add(piece);
    else this.#give(asBytes(piece));
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
    if (length === undefined || !(this.#written > length || (finished && this.#isShort))) return;
    if (finished) this.#state = "open";
    this.break(new WrongLength(this.#lengthError, this.#written, length));
  }

  get #isShort(): boolean {
    return this.length !== undefined && this.#written < this.length && !this.mayBeShort;
  }

  /** The guest says that it is complete. Answers the bytes written where they are not what was declared. */
  finish(trailers: RawHeaders | undefined): number | undefined {
    if (this.failure instanceof WrongLength) return this.#written;
    if (this.#state !== "open") return undefined;
    if (this.#isChecked && this.#isShort) {
      this.break(new WrongLength(this.#lengthError, this.#written, this.length!));
      return this.#written;
    }
    this.#state = "finished";
    if (trailers !== undefined && trailers.length > 0) this.trailers = trailers;
    if (this.#pieces.size === 0) this.#give(undefined);
    return undefined;
  }

  /** It will never be complete; who reads it must see that. */
  break(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "broken";
    this.failure = error;
    this.#pieces = new Pieces();
    this.#reader?.reject(error);
    this.#reader = undefined;
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
    this.#pieces = new Pieces();
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

  cancel(): void {
    if (this.#state === "open") {
      this.#state = "unwanted";
      this.#give(undefined);
      this.#writer.notify();
    }
    this.#pieces = new Pieces();
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
