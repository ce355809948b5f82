import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body, HttpResponse, RawHeaders } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import type { Guest } from "../guest.ts";
import { Resource, type Holdable } from "../handles.ts";
import { emptySource, StreamSource, WholeSource, type InputSource } from "../io/index.ts";
import type { Content } from "./content.ts";
import type { HttpError, LengthError } from "./error-code.ts";
import type { Exchange } from "./exchange.ts";
import type { Fields } from "./fields.ts";

/** The request in hand. */
export class IncomingRequest implements Holdable {
  readonly kind = "incoming-request";
  consumed = false;
}

/** The right to answer, once. */
export class ResponseOutparam implements Holdable {
  readonly kind = "response-outparam";
}

export class IncomingResponse implements Holdable {
  readonly kind = "incoming-response";
  readonly response: HttpResponse;
  /** Its body, open from the start: also one that nobody asks for must be closed. */
  readonly source: InputSource;
  consumed = false;

  constructor(response: HttpResponse, source: InputSource) {
    this.response = response;
    this.source = source;
  }

  dropped(): void {
    if (!this.consumed) this.source.close();
  }
}

export class IncomingBody implements Holdable {
  readonly kind = "incoming-body";
  readonly source: InputSource;
  readonly #body: Body;
  streamed = false;

  constructor(source: InputSource, body: Body) {
    this.source = source;
    this.#body = body;
  }

  /** Complete only at the end of the body. */
  get trailers(): RawHeaders | undefined {
    return isStream(this.#body) ? this.#body.trailers : undefined;
  }

  dropped(): void {
    this.source.close();
  }
}

export class FutureTrailers extends Resource {
  readonly kind = "future-trailers";
  readonly body: IncomingBody;
  taken = false;

  constructor(body: IncomingBody) {
    super();
    this.body = body;
  }

  /** Reads on to the end of the body, since that is where trailers are. */
  ready(): boolean {
    const { source } = this.body;
    while (source.ready()) if (source.take(65_536, true) === undefined) return true;
    return false;
  }

  override dropped(): void {
    this.body.source.close();
  }
}

/** A request that the guest makes. */
export class OutgoingRequest implements Holdable {
  readonly kind = "outgoing-request";
  readonly fields: Fields;
  /** Made when the guest asks for it; without, the message has no body. */
  content: Content | undefined;
  method = "GET";
  target: string | undefined;
  /** In lower case. */
  scheme: string | undefined;
  authority: string | undefined;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  /** What was never sent ends here; its writer finds it closed. */
  dropped(): void {
    this.content?.cancel();
  }
}

/** An answer that the guest makes. */
export class OutgoingResponse implements Holdable {
  readonly kind = "outgoing-response";
  readonly fields: Fields;
  content: Content | undefined;
  status = 200;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  /** As for a request. */
  dropped(): void {
    this.content?.cancel();
  }
}

export class OutgoingBody implements Holdable {
  readonly kind = "outgoing-body";
  readonly content: Content;
  readonly #guest: Guest;
  /** The case of an error where its length is wrong. */
  readonly lengthError: LengthError;
  streamed = false;

  constructor(content: Content, guest: Guest, lengthError: OutgoingBody["lengthError"]) {
    this.content = content;
    this.#guest = guest;
    this.lengthError = lengthError;
  }

  /** Given back without `finish`: incomplete. */
  dropped(): void {
    this.content.break(this.#guest.unfinished());
  }
}

export class FutureIncomingResponse implements Holdable {
  readonly kind = "future-incoming-response";
  result: IncomingResponse | HttpError | undefined;
  taken = false;
  readonly #abandon: () => void;

  /** @param abandon called where nobody waits for it any more. */
  constructor(abandon: () => void) {
    this.#abandon = abandon;
  }

  ready(): boolean {
    return this.result !== undefined;
  }

  dropped(): void {
    if (this.taken) return;
    if (this.result instanceof IncomingResponse) this.result.dropped();
    else this.#abandon();
  }
}

/** `connect`, `first-byte` and `between-bytes`, in nanoseconds. */
export class RequestOptions extends Resource {
  readonly kind = "request-options";
  readonly timeouts: Record<Timeout, bigint | undefined> = {
    connect: undefined,
    "first-byte": undefined,
    "between-bytes": undefined,
  };
}

export type Timeout = "connect" | "first-byte" | "between-bytes";

/**
 * Opens a body for reading. @param counts what the guest takes of it. @param onEnd called once when nothing more will be read of it.
 */
export function sourceOf(body: Body, guest: Guest, counts?: Exchange, onEnd?: () => void): InputSource {
  if (!isStream(body)) {
    onEnd?.();
    return openWhole(body, counts);
  }
  const { exchange } = guest;
  const ended = (): void => {
    exchange?.release(source);
    exchange?.unread(source.failure);
    onEnd?.();
  };
  const source = openBody(body, counts, () => guest.notify(), ended);
  exchange?.keep(source);
  return source;
}

/** A body that is there. It is counted only where it is too large: others are too small to be in anybody's way. */
function openWhole(body: string | Uint8Array | undefined, counts: Exchange | undefined): InputSource {
  if (body === undefined || body.length === 0) return emptySource;
  const source = new WholeSource(body);
  return counts?.mayTake(body.length) === false ? new CountedSource(source, counts) : source;
}

/** The same for what may outlive the request in hand. `counts` hears what the guest takes, and may answer why it gets no more. */
export function openBody(
  body: Body,
  counts: Exchange | undefined,
  onReady: () => void,
  onEnd?: () => void,
): InputSource {
  if (!isStream(body)) return openWhole(body, counts);
  // What a client sends was copied for its reader by the listener: in a place it would lie in another copy.
  const source = new StreamSource(body, onReady, onEnd, counts === undefined);
  return counts === undefined ? source : new CountedSource(source, counts);
}

class CountedSource implements InputSource {
  readonly #source: InputSource;
  readonly #counts: Exchange;
  #refused: BandstandError | undefined;

  constructor(source: InputSource, counts: Exchange) {
    this.#source = source;
    this.#counts = counts;
  }

  get failure(): unknown {
    return this.#refused ?? this.#source.failure;
  }

  get lends(): boolean {
    return this.#source.lends === true;
  }

  ready(): boolean {
    return this.#refused !== undefined || this.#source.ready();
  }

  take(limit: number, unseen = false) {
    if (this.#refused !== undefined) return undefined;
    const piece = this.#source.take(limit);
    if (piece === undefined || unseen) return piece;
    this.#refused = this.#counts.took(piece.length);
    if (this.#refused === undefined) return piece;
    this.#source.close(this.#refused);
    return undefined;
  }

  close(reason?: unknown): void {
    this.#source.close(reason);
  }
}
