import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body, HttpResponse, RawHeaders } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import type { Guest } from "../guest.ts";
import { Resource } from "../handles.ts";
import { StreamSource, WholeSource, type InputSource } from "../io/index.ts";
import type { Content } from "./content.ts";
import type { HttpError } from "./error-code.ts";
import type { Fields } from "./fields.ts";

/** The request in hand. */
export class IncomingRequest extends Resource {
  readonly kind = "incoming-request";
  consumed = false;
}

/** The right to answer, once. */
export class ResponseOutparam extends Resource {
  readonly kind = "response-outparam";
}

export class IncomingResponse extends Resource {
  readonly kind = "incoming-response";
  readonly response: HttpResponse;
  /** Its body, open from the start: also one that nobody asks for must be closed. */
  readonly source: InputSource;
  consumed = false;

  constructor(response: HttpResponse, source: InputSource) {
    super();
    this.response = response;
    this.source = source;
  }

  override dropped(): void {
    if (!this.consumed) this.source.close();
  }
}

export class IncomingBody extends Resource {
  readonly kind = "incoming-body";
  readonly source: InputSource;
  readonly #body: Body;
  streamed = false;

  constructor(source: InputSource, body: Body) {
    super();
    this.source = source;
    this.#body = body;
  }

  /** Complete only at the end of the body. */
  get trailers(): RawHeaders | undefined {
    return isStream(this.#body) ? this.#body.trailers : undefined;
  }

  override dropped(): void {
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

/** A message that the guest makes. */
abstract class Outgoing extends Resource {
  readonly fields: Fields;
  /** Made when the guest asks for it; without, the message has no body. */
  content: Content | undefined;

  constructor(fields: Fields) {
    super();
    this.fields = fields;
  }

  override dropped(): void {
    // What was never sent ends here; its writer finds it closed.
    this.content?.cancel();
  }
}

export class OutgoingRequest extends Outgoing {
  readonly kind = "outgoing-request";
  method = "GET";
  target: string | undefined;
  /** In lower case. */
  scheme: string | undefined;
  authority: string | undefined;
}

export class OutgoingResponse extends Outgoing {
  readonly kind = "outgoing-response";
  status = 200;
}

export class OutgoingBody extends Resource {
  readonly kind = "outgoing-body";
  readonly content: Content;
  readonly #guest: Guest;
  /** The case of an error where its length is wrong. */
  readonly lengthError: "HTTP-request-body-size" | "HTTP-response-body-size";
  streamed = false;

  constructor(content: Content, guest: Guest, lengthError: OutgoingBody["lengthError"]) {
    super();
    this.content = content;
    this.#guest = guest;
    this.lengthError = lengthError;
  }

  /** Given back without `finish`: incomplete. */
  override dropped(): void {
    this.content.break(this.#guest.unfinished());
  }
}

export class FutureIncomingResponse extends Resource {
  readonly kind = "future-incoming-response";
  result: IncomingResponse | HttpError | undefined;
  taken = false;
  readonly #abandon: () => void;

  /** @param abandon called where nobody waits for it any more. */
  constructor(abandon: () => void) {
    super();
    this.#abandon = abandon;
  }

  ready(): boolean {
    return this.result !== undefined;
  }

  override dropped(): void {
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

/** Opens a body for reading. `counted` hears what the guest takes, and may answer why it gets no more. */
export function sourceOf(
  body: Body,
  guest: Guest,
  counted?: (bytes: number) => BandstandError | undefined,
  onReady: () => void = () => guest.notify(),
): InputSource {
  const source = openBody(body, counted, onReady);
  if (isStream(body)) guest.exchange?.keep(source);
  return source;
}

/** The same for what may outlive the request in hand. */
export function openBody(
  body: Body,
  counted: ((bytes: number) => BandstandError | undefined) | undefined,
  onReady: () => void,
): InputSource {
  const source = isStream(body) ? new StreamSource(body, onReady) : new WholeSource(body ?? "");
  return counted === undefined ? source : new CountedSource(source, counted);
}

class CountedSource implements InputSource {
  readonly #source: InputSource;
  readonly #counted: (bytes: number) => BandstandError | undefined;
  #refused: BandstandError | undefined;

  constructor(source: InputSource, counted: (bytes: number) => BandstandError | undefined) {
    this.#source = source;
    this.#counted = counted;
  }

  get failure(): unknown {
    return this.#refused ?? this.#source.failure;
  }

  ready(): boolean {
    return this.#refused !== undefined || this.#source.ready();
  }

  take(limit: number, unseen = false) {
    if (this.#refused !== undefined) return undefined;
    const piece = this.#source.take(limit);
    if (piece === undefined || unseen) return piece;
    this.#refused = this.#counted(piece.length);
    if (this.#refused === undefined) return piece;
    this.#source.close(this.#refused);
    return undefined;
  }

  close(reason?: unknown): void {
    this.#source.close(reason);
  }
}
