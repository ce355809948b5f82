import type { BodyStream } from "../../../foundation/http/index.ts";

/** Bytes on their way; a string has one unit a byte. */
export type Piece = string | Uint8Array;

/** Where an `input-stream` takes its bytes from. */
export interface InputSource {
  /** Why it broke; set before `take` answers undefined. */
  readonly failure: unknown;
  /** Bytes, the end or a failure are there. Starts reading where nothing is. */
  ready(): boolean;
  /**
   * At most so many bytes; empty: none now; undefined: it ended or broke.
   * @param unseen they pass by the guest, and do not count as read by it.
   */
  take(limit: number, unseen?: boolean): Piece | undefined;
  /** Bytes that `take` would give at once; undefined: not known. */
  available?(): number;
  /** Nobody reads on. */
  close(reason?: unknown): void;
}

/** A body that is there. */
export class WholeSource implements InputSource {
  readonly failure = undefined;
  #rest: Piece;

  constructor(body: Piece) {
    this.#rest = body;
  }

  ready(): boolean {
    return true;
  }

  take(limit: number): Piece | undefined {
    const rest = this.#rest;
    if (rest.length === 0) return undefined;
    if (rest.length <= limit) {
      this.#rest = "";
      return rest;
    }
    this.#rest = part(rest, limit);
    return typeof rest === "string" ? rest.slice(0, limit) : rest.subarray(0, limit);
  }

  available(): number {
    return this.#rest.length;
  }

  close(): void {
    this.#rest = "";
  }
}

/** Nothing to read: the same for everybody. */
export const emptySource: InputSource = new WholeSource("");

function part(piece: Piece, from: number): Piece {
  return typeof piece === "string" ? piece.slice(from) : piece.subarray(from);
}

/** A body that arrives. One read at a time is under way, and only when the guest asks for bytes. */
export class StreamSource implements InputSource {
  failure: unknown;
  readonly #stream: BodyStream;
  readonly #onReady: () => void;
  readonly #onEnd: (() => void) | undefined;
  #piece: Uint8Array | undefined;
  #ended = false;
  #reading = false;

  /**
   * @param onReady called when bytes, the end or a failure came after `ready` had said no.
   * @param onEnd called once when nothing more will be read of the stream.
   */
  constructor(stream: BodyStream, onReady: () => void, onEnd?: () => void) {
    this.#stream = stream;
    this.#onReady = onReady;
    this.#onEnd = onEnd;
  }

  ready(): boolean {
    if (this.#piece !== undefined || this.#ended) return true;
    if (!this.#reading) this.#read();
    return this.#piece !== undefined || this.#ended;
  }

  take(limit: number): Piece | undefined {
    if (!this.ready()) return "";
    const piece = this.#piece;
    if (piece === undefined) return undefined;
    if (piece.length <= limit) {
      this.#piece = undefined;
      return piece;
    }
    this.#piece = piece.subarray(limit);
    return piece.subarray(0, limit);
  }

  available(): number {
    return this.#piece?.length ?? 0;
  }

  close(reason?: unknown): void {
    this.#piece = undefined;
    if (this.#ended) return;
    this.#end();
    this.#stream.cancel(reason);
  }

  #end(): void {
    this.#ended = true;
    this.#onEnd?.();
  }

  #read(): void {
    try {
      for (;;) {
        const next = this.#stream.read();
        if (next instanceof Promise) return this.#later(next);
        // An empty piece would read as "none now".
        if (next?.length !== 0) return this.#got(next);
      }
    } catch (error) {
      this.#broke(error);
    }
  }

  #later(next: Promise<Uint8Array | undefined>): void {
    this.#reading = true;
    next.then(
      (piece) => {
        this.#reading = false;
        if (this.#ended) return;
        if (piece?.length !== 0) this.#got(piece);
        this.#onReady();
      },
      (error: unknown) => {
        this.#reading = false;
        this.#broke(error);
        this.#onReady();
      },
    );
  }

  #got(piece: Uint8Array | undefined): void {
    this.#piece = piece;
    if (piece === undefined) this.#end();
  }

  #broke(error: unknown): void {
    if (this.#ended) return;
    this.failure = error;
    this.#end();
  }
}
