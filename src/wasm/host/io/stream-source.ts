import {
  isInPlace,
  keepPiece,
  mostLent,
  returnPiece,
  type BodySink,
  type BodyStream,
} from "../../../foundation/http/index.ts";
import type { InputSource, Piece } from "./source.ts";

/**
 * A body that arrives. One piece at a time is asked for, and only when the guest asks for bytes. Where the body can flow, a
 * piece waits for the guest in a place that is used again, and is lent to whoever takes it.
 */
export class StreamSource implements InputSource {
  failure: unknown;
  readonly #stream: BodyStream;
  readonly #onReady: () => void;
  readonly #onEnd: (() => void) | undefined;
  #way: "unknown" | "flows" | "is read" = "unknown";
  /** What is left of the piece in hand. */
  #piece: Uint8Array | undefined;
  /** The piece in hand as it came, where it lies in a place that is used again. */
  #lent: Uint8Array | undefined;
  #ended = false;
  /** A piece was asked for, and has not come. */
  #asked = false;
  /** What comes in this stack was asked for in it. */
  #asking = false;

  /**
   * @param onReady called when bytes, the end or a failure came after `ready` had said no.
   * @param onEnd called once when nothing more will come of the stream.
   * @param flows false: it is read in any case, since its pieces are the reader's own anyway.
   */
  constructor(stream: BodyStream, onReady: () => void, onEnd?: () => void, flows = true) {
    this.#stream = stream;
    if (!flows) this.#way = "is read";
    this.#onReady = onReady;
    this.#onEnd = onEnd;
  }

  get lends(): boolean {
    return this.#lent !== undefined;
  }

  ready(): boolean {
    if (this.#piece !== undefined) return true;
    this.#return();
    if (!this.#ended && !this.#asked) this.#ask();
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
    this.#return();
    if (this.#ended) return;
    this.#end();
    this.#stream.cancel(reason);
  }

  /** Nobody uses the piece in hand any more. */
  #return(): void {
    if (this.#lent === undefined) return;
    returnPiece(this.#lent);
    this.#lent = undefined;
  }

  #end(): void {
    this.#ended = true;
    this.#onEnd?.();
  }

  #ask(): void {
    this.#asking = true;
    try {
      if (this.#way === "unknown") this.#begin();
      else if (this.#way === "flows") this.#goOn();
      else this.#read();
    } catch (error) {
      this.#came(undefined, false, { error });
    } finally {
      this.#asking = false;
    }
  }

  #begin(): void {
    this.#asked = true;
    this.#way = "flows";
    if (this.#stream.flow?.(this.#sink) === true) return;
    this.#way = "is read";
    this.#read();
  }

  #goOn(): void {
    this.#asked = true;
    this.#stream.goOn?.();
  }

  #read(): void {
    for (;;) {
      const next = this.#stream.read();
      if (next instanceof Promise) return this.#later(next);
      // An empty piece would read as "none now".
      if (next?.length !== 0) return this.#came(next, next === undefined);
    }
  }

  #later(next: Promise<Uint8Array | undefined>): void {
    this.#asked = true;
    next.then(
      (piece) => this.#came(piece, piece === undefined),
      (error: unknown) => this.#came(undefined, false, { error }),
    );
  }

  readonly #sink: BodySink = {
    take: (piece, last) => {
      if (this.#ended) return true;
      // An empty one is none: the next may come.
      if (!last && (piece === undefined || piece.length === 0)) return true;
      const kept = piece === undefined || piece.length > mostLent ? piece : keepPiece(piece);
      if (kept !== undefined && isInPlace(kept)) this.#lent = kept;
      this.#came(kept, last);
      return false;
    },
    fail: (error) => this.#came(undefined, false, { error }),
  };

  #came(piece: Uint8Array | undefined, last: boolean, broke?: { error: unknown }): void {
    const wasAsked = this.#asked;
    this.#asked = false;
    if (this.#ended) return;
    if (broke !== undefined) this.failure = broke.error;
    else if (piece !== undefined && piece.length > 0) this.#piece = piece;
    if (last || broke !== undefined) this.#end();
    if (!wasAsked || this.#asking) return;
    // Whoever brings it is in the middle of something.
    if (this.#way === "flows") queueMicrotask(this.#onReady);
    else this.#onReady();
  }
}
