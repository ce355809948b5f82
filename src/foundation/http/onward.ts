import type { Body, HttpRequest, RawHeaders } from "./message.ts";

/** Headers that are perhaps made only when somebody asks. */
export interface Headed {
  readonly headers: RawHeaders;
}

/** Where a request that goes on has its headers from. */
interface Source {
  readonly list: RawHeaders;
  /** The message whose headers these are; undefined: they were changed since. */
  readonly unchanged: Headed | undefined;
}

/**
 * A request that a guest sends on to the next stage. Most leave the headers as they came: a list of them is made only where somebody
 * behind asks for it, and who knows the message that they came with may do without.
 */
export class OnwardRequest implements HttpRequest {
  method: string;
  scheme: "http" | "https";
  authority: string;
  target: string;
  body: Body;
  readonly #source: Source;
  readonly #like: HttpRequest;
  #headers: RawHeaders | undefined;

  /** @param like the request in hand, whose scheme and authority the next stage sees. */
  constructor(method: string, target: string, body: Body, source: Source, like: HttpRequest) {
    this.method = method;
    this.scheme = like.scheme;
    this.authority = like.authority;
    this.target = target;
    this.body = body;
    this.#source = source;
    this.#like = like;
  }

  get headers(): RawHeaders {
    return this.#headers ?? this.#source.list;
  }

  set headers(headers: RawHeaders) {
    this.#headers = headers;
  }

  /** The request in hand, where it still has the headers of that: a guest may have kept those of an earlier one. */
  get headersOf(): Headed | undefined {
    return this.#headers === undefined && this.#source.unchanged === this.#like ? this.#like : undefined;
  }
}
