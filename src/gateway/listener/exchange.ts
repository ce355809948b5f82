import { threadId } from "node:worker_threads";
import type { ByteWriter } from "../../foundation/bytes/index.ts";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpResponse, RawHeaders, RequestContext } from "../../foundation/http/index.ts";

const start = `${Date.now().toString(36)}-${process.pid.toString(36)}-${threadId.toString(36)}`;
const startBytes = Buffer.from(`${start}-`);
let count = 0;

/** Writes informational responses of one exchange at a time. */
export interface Informant {
  inform(exchange: Exchange, status: number, headers: RawHeaders): void;
}

/** What comes of a request. Undefined: the exchange's taker gets it later. */
export type Answer = HttpResponse | Promise<HttpResponse> | undefined;

/** Takes the answer of one exchange at a time where it comes later: costs no promise. */
export interface AnswerTaker {
  answered(exchange: Exchange, response: HttpResponse): void;
  /** It must end its connection. */
  failed(exchange: Exchange, error: unknown): void;
  /** It is ended from behind, whatever there is of its answer. */
  stopped(exchange: Exchange, error: BandstandError): void;
}

/**
 * One request and its response, as chain and backends see it. Identity is made when somebody asks.
 */
export class Exchange implements RequestContext {
  /** Of the peer, or of the client that a believed proxy tells of. */
  remoteAddress: string;
  /** Of HTTP, as the client spoke it. */
  version: "1.1" | "2" = "1.1";
  /** When the head was complete, by `performance.now()`. */
  readonly started: number;
  /** When its answer was complete, by `performance.now()`, where who counts saw that. */
  ended: number | undefined;
  /** The name that the client's TLS handshake asked for. */
  readonly servername: string | undefined;
  /** Passes informational responses (103) on to the client, where it can take any. */
  informant: Informant | undefined;
  /** Where an answer goes that comes later, if not back through a promise. */
  taker: AnswerTaker | undefined;
  /** The client's connection; undefined where there is none. */
  connection: object | undefined;
  /** What an answer that the gateway makes itself must say too: permissions of CORS, without which no script sees it. */
  errorHeaders: RawHeaders | undefined;
  #id: string | undefined;
  /** What its name ends with; undefined: nobody asked for that. */
  #number: number | undefined;
  #aborted: BandstandError | undefined;
  /** What went wrong first: a component that could not go on for it ends the request later, with what it makes of it. */
  #cause: BandstandError | undefined;
  /** Nearly always there is one. */
  #listener: ((reason: BandstandError) => void) | undefined;
  #others: ((reason: BandstandError) => void)[] | undefined;

  constructor(remoteAddress: string, started: number, servername?: string) {
    this.remoteAddress = remoteAddress;
    this.started = started;
    this.servername = servername;
  }

  get id(): string {
    return (this.#id ??= `${start}-${(this.#number ??= count++).toString(36)}`);
  }

  /** Writes `id` where nobody needs a text of it. */
  writeId(to: ByteWriter): void {
    to.all(startBytes);
    to.number((this.#number ??= count++), 36);
  }

  get aborted(): boolean {
    return this.#aborted !== undefined;
  }

  onAbort(listener: (reason: BandstandError) => void): void {
    if (this.#aborted !== undefined) listener(this.#aborted);
    else if (this.#listener === undefined) this.#listener = listener;
    else (this.#others ??= []).push(listener);
  }

  /** A stream that somebody reads for this request broke. The first one counts. */
  broke(error: BandstandError): void {
    this.#cause ??= error;
  }

  /** Why it failed: a component that gave up, or trapped, because what it read broke off is not to blame. */
  because(error: BandstandError): BandstandError {
    const helpless = error.code === "component-no-answer" || error.code === "component-trapped";
    return helpless ? (this.broken ?? error) : error;
  }

  get broken(): BandstandError | undefined {
    return this.#cause;
  }

  /** Ends it from behind: for its client too, also where its answer is on the way. */
  stop(reason: BandstandError): void {
    if (this.taker === undefined) this.abort(reason);
    else this.taker.stopped(this, reason);
  }

  /** Ends whatever still works for this request. The first reason stays. */
  abort(reason: BandstandError): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#cause ??= reason;
    const listener = this.#listener;
    const others = this.#others;
    this.#listener = undefined;
    this.#others = undefined;
    listener?.(reason);
    if (others !== undefined) for (const other of others) other(reason);
  }
}
