import type { BodyStream, RawHeaders } from "../../foundation/http/index.ts";

/** Of a request's stream so much is kept for another try. Bytes. */
const kept = 64 * 1024;

/**
 * A request's stream that can be sent more than once, as long as it is small: what was read is kept. A try that
 * failed while it waited for a piece does not take that piece away from the next one.
 */
export class RepeatableBody {
  readonly #source: BodyStream;
  #pieces: Uint8Array[] = [];
  /** Pieces that were let go of. */
  #gone = 0;
  #bytes = 0;
  #ended = false;
  #reading: Promise<void> | undefined;

  constructor(source: BodyStream) {
    this.#source = source;
  }

  /** False once more was read than is kept. */
  get repeatable(): boolean {
    return this.#bytes <= kept;
  }

  /** The stream from its beginning; the one before is not read any more. */
  open(): BodyStream {
    let at = 0;
    const read = (): Uint8Array | undefined | Promise<Uint8Array | undefined> => {
      const piece = this.#pieces[at - this.#gone];
      if (piece !== undefined) {
        at++;
        if (!this.repeatable) this.#letGo(at);
        return piece;
      }
      if (this.#ended) return undefined;
      this.#reading ??= this.#readOne().finally(() => (this.#reading = undefined));
      return this.#reading.then(read);
    };
    const trailers = (): RawHeaders | undefined => this.#source.trailers;
    return {
      length: this.#source.length,
      read,
      get trailers() {
        return trailers();
      },
      // Another try may want it.
      cancel: () => {},
    };
  }

  cancel(reason: unknown): void {
    this.#source.cancel(reason);
  }

  async #readOne(): Promise<void> {
    const piece = await this.#source.read();
    if (piece === undefined) this.#ended = true;
    else {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
    }
  }

  #letGo(before: number): void {
    this.#pieces.splice(0, before - this.#gone);
    this.#gone = before;
  }
}
