import type { BandstandError } from "../errors/index.ts";
import type { Share } from "../time/shares.ts";

/**
 * The one request and response form of Bandstand: what a listener hands in, what
 * middlewares and the Wasm host read and write, what an upstream driver sends.
 * No `node:http` shows beyond its driver.
 */

/** Alternating name and value, in wire order; names as received, values latin1. */
export type RawHeaders = string[];

/**
 * A body that arrives in pieces, read by one reader. Back-pressure is the reader's
 * pace: nothing is read from the source beyond a small buffer until `read` is called.
 */
export interface BodyStream {
  /** Bytes in all where the framing declares it, else undefined (chunked, close-delimited). */
  readonly length: number | undefined;
  /**
   * The next piece, or undefined at the end. Answers at once where data waits.
   * Rejects or throws a BandstandError when the source broke; then every later call does too.
   */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Trailer fields; complete only after `read` answered undefined. */
  readonly trailers: RawHeaders | undefined;
  /** Not wanted any more: the source may stop, close or drain. Safe to repeat. */
  cancel(reason?: unknown): void;
  /**
   * Instead of `read`: pieces go to a sink in the stack in which they come, what waits at once. False: this one cannot. Where
   * the sink has no room it is given nothing more until `goOn`.
   */
  flow?(sink: BodySink): boolean;
  goOn?(): void;
}

/** Takes a body while it comes. Its methods must not throw. */
export interface BodySink {
  /**
   * @param piece is only lent, unless it is longer than `mostLent`; undefined where nothing comes with the end. @param last the body is complete with it, and its
   * trailers are there. @returns false: nothing more for now.
   */
  take(piece: Buffer | undefined, last: boolean): boolean;
  /** The source broke. */
  fail(error: unknown): void;
}

/**
 * A whole small body (a string is latin1, one unit a byte) or a stream.
 * undefined: no body at all. Complete bodies go out with the head in one write.
 */
export type Body = undefined | string | Uint8Array | BodyStream;

/**
 * Declared like a class because some are of one, which makes headers when somebody asks: TypeScript then sees that a copy by
 * spreading has none, and must be given them. Headers are changed by giving the message a new array.
 */
export declare abstract class HttpRequest {
  method: string;
  scheme: "http" | "https";
  /** Host with port as the client wrote it: `shop.example:8080`. */
  authority: string;
  /** Origin form: path and query, starts with `/` (or is `*` for OPTIONS). */
  target: string;
  get headers(): RawHeaders;
  set headers(headers: RawHeaders);
  body: Body;
  /** The client wants to go on in another protocol. Who grants it answers 101 and reads and writes raw bytes from then on. */
  upgrade?: Upgrade | undefined;
}

/** Raw bytes both ways behind a 101 (RFC 9110, section 7.8): the answer's body is what goes to the client. */
export interface Upgrade {
  protocol: "websocket";
  /** What the client sends after the 101. Nobody reads it before. */
  stream: BodyStream;
}

/** Declared like a class for the reason that `HttpRequest` is. */
export declare abstract class HttpResponse {
  readonly status: number;
  get headers(): RawHeaders;
  set headers(headers: RawHeaders);
  get body(): Body;
}

/** What goes along a request through chain and backend, apart from the message itself. */
export interface RequestContext {
  /** Unique in this process; stands in logs and in answers that the gateway makes itself. */
  readonly id: string;
  /** Peer of the connection, or the client that a believed proxy tells of. */
  readonly remoteAddress: string;
  /**
   * Has a function called when the client left, a timeout hit or the gateway stops the request; at once where
   * that was before. Cheaper than an `AbortSignal`, of which most requests would never use one.
   */
  onAbort(listener: (reason: BandstandError) => void): void;
  /** What broke that is read for the request: it, or what a stage behind answered. */
  readonly broken?: BandstandError | undefined;
  /** Something that is read for the request broke. */
  broke?(error: BandstandError): void;
  /** Where it counts what the request had of its thread. */
  readonly share?: Share | undefined;
}

/** A stage of a chain or a backend. Throws BandstandError for what the gateway answers itself. */
export type Handler = (request: HttpRequest, context: RequestContext) => HttpResponse | Promise<HttpResponse>;

/** Tells a stream from a complete body. */
export function isStream(body: Body): body is BodyStream {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

/** An answer of this status has no body, whatever its headers say. RFC 9110, section 6.4.1. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}
