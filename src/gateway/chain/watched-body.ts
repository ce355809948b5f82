import type { BodySink, BodyStream, RawHeaders } from "../../foundation/http/index.ts";

/** A body that tells once how it ended, and that can be broken off from outside. */
export class WatchedBody implements BodyStream, BodySink {
  readonly length: number | undefined;
  readonly #source: BodyStream;
  readonly #onEnd: (failure: unknown) => void;
  #ended = false;
  #failure: unknown;
  #interrupt: ((error: unknown) => void) | undefined;
  #sink: BodySink | undefined;

  /** @param onEnd gets undefined where the body came to its end, else what broke or cancelled it. */
  constructor(source: BodyStream, onEnd: (failure: unknown) => void) {
    this.length = source.length;
    this.#source = source;
    this.#onEnd = onEnd;
  }

  get trailers(): RawHeaders | undefined {
    return this.#source.trailers;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const next = this.#source.read();
      if (next instanceof Promise) return this.#later(next);
      if (next === undefined) this.#end(undefined);
      return next;
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  flow(sink: BodySink): boolean {
    this.#sink = sink;
    if (this.#failure !== undefined) {
      sink.fail(this.#failure);
      return true;
    }
    const taken = this.#source.flow?.(this) === true;
    if (!taken) this.#sink = undefined;
    return taken;
  }

  goOn(): void {
    this.#source.goOn?.();
  }

  /** As the sink of its source. */
  take(piece: Buffer | undefined, last: boolean): boolean {
    const room = this.#sink?.take(piece, last) ?? true;
    if (last) this.#end(undefined);
    return room;
  }

  fail(error: unknown): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#end(error);
    sink?.fail(error);
  }

  cancel(reason?: unknown): void {
    this.#end(reason ?? new Error("the body was cancelled"));
    this.#source.cancel(reason);
  }

  /** Breaks the body for its reader, now. */
  interrupt(error: unknown): void {
    if (this.#ended) return;
    this.#failure = error;
    this.#interrupt?.(error);
    const sink = this.#sink;
    this.#sink = undefined;
    this.cancel(error);
    sink?.fail(error);
  }

  #later(next: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      next.then(
        (piece) => {
          if (piece === undefined) this.#end(undefined);
          resolve(piece);
        },
        (error: unknown) => {
          this.#end(error);
          reject(error as Error);
        },
      );
    });
  }

  #end(failure: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(failure);
  }
}
