import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type BodyStream, type HttpRequest, type RawHeaders } from "../../../foundation/http/index.ts";
import { headerValue } from "../../match/index.ts";

/** So much of a body is there before its request asks for a place, or all of it. Bytes. */
const enough = 64 * 1024;
/** Of a body whose length nobody knows that much may never come: it is waited for so long. Milliseconds. */
const patience = 10_000;
/** Requests of one endpoint whose bodies are gathered at a time. */
const most = 1024;

/** What was read of a body before it is sent, and then the rest of it. */
class Gathered implements BodyStream {
  readonly length: number | undefined;
  readonly #source: BodyStream;
  #pieces: Uint8Array[] = [];
  #ended = false;
  /** The piece that comes next, where it was asked for already. */
  #asked: Promise<Uint8Array | undefined> | undefined;
  #bytes = 0;

  constructor(source: BodyStream) {
    this.#source = source;
    this.length = source.length;
  }

  get trailers(): RawHeaders | undefined {
    return this.#source.trailers;
  }

  get ready(): boolean {
    return this.#ended || this.#bytes >= enough;
  }

  /** Reads what is there. Undefined: enough; else what has to come first. */
  gather(): Promise<void> | undefined {
    while (!this.ready) {
      const next = this.#source.read();
      if (next instanceof Promise) {
        this.#asked = next;
        return next.then((piece) => {
          if (this.#asked !== next) return;
          this.#asked = undefined;
          this.#keep(piece);
        });
      }
      this.#keep(next);
    }
    return undefined;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) return piece;
    if (this.#ended) return undefined;
    const asked = this.#asked;
    this.#asked = undefined;
    return asked ?? this.#source.read();
  }

  cancel(reason?: unknown): void {
    this.#pieces = [];
    this.#source.cancel(reason);
  }

  #keep(piece: Uint8Array | undefined): void {
    if (piece === undefined) this.#ended = true;
    else {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
    }
  }
}

/**
 * Requests with bodies ask for a place when a good part of the body is there: those that come slowly hold up only
 * themselves.
 */
export class Gathering {
  readonly #name: string;
  #count = 0;

  /** @param name of the endpoint. */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Gathers the body of a request, which stays the body of the request. Undefined: there is nothing to wait for. Rejects
   * where the body breaks, with `overloaded` where too many wait already.
   */
  of(request: HttpRequest): Promise<void> | undefined {
    const { body, headers } = request;
    // Calls that talk both ways begin with little, and wait for an answer to that.
    if (!isStream(body) || headerValue(headers, "content-type")?.startsWith("application/grpc") === true)
      return undefined;
    const gathered = new Gathered(body);
    request.body = gathered;
    const later = gathered.gather();
    if (later === undefined) return undefined;
    if (this.#count >= most) {
      later.catch(() => {});
      const message = `${this.#name}: ${most} requests that wait for a connection are still on their way`;
      return Promise.reject(new BandstandError("overloaded", message));
    }
    this.#count++;
    return this.#all(gathered, later).finally(() => this.#count--);
  }

  async #all(gathered: Gathered, first: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = gathered.length === undefined ? setTimeout(resolve, patience, "late").unref() : undefined;
    try {
      for (let next: Promise<void> | undefined = first; next !== undefined; next = gathered.gather()) {
        if ((await Promise.race([next, late])) !== "late") continue;
        // Whoever reads on hears of it.
        next.catch(() => {});
        return;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
