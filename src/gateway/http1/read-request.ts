import type { Body, HttpRequest, RawHeaders, Upgrade } from "../../foundation/http/index.ts";
import type { Draft } from "../wire/draft.ts";
import type { HeadLines } from "./head-lines.ts";
import { maskOf } from "./known-names.ts";

/** What ends at this hop, says who is asked, or where the request comes from. */
const notInside = maskOf(
  ...(["host", "expect", "upgrade", "connection", "transferEncoding", "te", "hop", "origin"] as const),
);
/** A length goes out as the body is framed. */
const notOnward = notInside | maskOf("contentLength");
const notOnwardButHost = notOnward & ~maskOf("host");
const identified = maskOf("requestId");
const trailersAsked = maskOf("te");

/** A request's head as it was read; `target` is in origin form, or `*`. */
export interface ReadLine {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly lines: HeadLines;
  /** The first line is as we would write it, and Host is there. */
  readonly plain: boolean;
  /** Connection names other headers that end at this hop. */
  readonly lists: boolean;
}

/** Who sent it, as requests say it onward. */
export class Whence {
  readonly remoteAddress: string;
  readonly scheme: "http" | "https";
  #authority: string | undefined;
  #text = "";

  constructor(remoteAddress: string, scheme: "http" | "https") {
    this.remoteAddress = remoteAddress;
    this.scheme = scheme;
  }

  /** As lines. A client asks for the same host again and again. */
  lines(authority: string): string {
    if (authority !== this.#authority) {
      this.#authority = authority;
      this.#text = `x-forwarded-for: ${this.remoteAddress}\r\nx-forwarded-proto: ${this.scheme}\r\nx-forwarded-host: ${authority}\r\n`;
    }
    return this.#text;
  }
}

/**
 * A request of HTTP/1.1 as it was read. Its fields are made when somebody asks for them, and what nobody changed goes on
 * from buffer to buffer. Who changes headers gives it a new array.
 */
export class ReadRequest implements HttpRequest {
  method: string;
  readonly scheme: "http" | "https";
  authority: string;
  target: string;
  body: Body;
  upgrade: Upgrade | undefined;
  readonly read: ReadLine;
  readonly #whence: Whence;
  /** Its name, where nobody before us gave it one. */
  #id: string | undefined;
  #entered = false;
  #headers: RawHeaders | undefined;
  #changed = false;

  constructor(read: ReadLine, whence: Whence, body: Body, upgrade: Upgrade | undefined) {
    this.method = read.method;
    this.scheme = whence.scheme;
    this.authority = read.authority;
    this.target = read.target;
    this.body = body;
    this.upgrade = upgrade;
    this.read = read;
    this.#whence = whence;
  }

  get headers(): RawHeaders {
    return (this.#headers ??= this.#fields());
  }

  set headers(headers: RawHeaders) {
    this.#headers = headers;
    this.#changed = true;
  }

  /**
   * Makes it the chain's own, as `enter` does. @param named its name, if it has none. False: what it says of its
   * connection takes more, and it is as it was.
   */
  enter(named: { readonly id: string }): boolean {
    const { lines, lists } = this.read;
    if (lists || this.#changed || (lines.seen & trailersAsked) !== 0) return false;
    this.#entered = true;
    this.#headers = undefined;
    if ((lines.seen & identified) === 0) this.#id = named.id;
    return true;
  }

  /** Nobody changed its headers since `enter`. */
  get untouched(): boolean {
    return this.#entered && !this.#changed;
  }

  /** Method, target and authority are those that were read. */
  get asAsked(): boolean {
    const { read } = this;
    return this.method === read.method && this.target === read.target && this.authority === read.authority;
  }

  /** Its lines and those that we say of it, for who must write them as text. Only while it is untouched. */
  text(): string {
    return `${this.read.lines.lines(notOnward)}${this.#added()}`;
  }

  /** First line, Host, its lines and those that we say of it. Only while it is untouched and its bytes are there. */
  copy(draft: Draft): void {
    const { read, method, target, authority } = this;
    const { lines } = read;
    const sameHost = read.plain && authority === read.authority;
    const sameLine = sameHost && method === read.method && target === read.target;
    if (!sameLine) draft.text(`${method} ${target} HTTP/1.1\r\n`);
    if (!sameHost) draft.text(`host: ${authority}\r\n`);
    lines.copy(draft, sameHost ? notOnwardButHost : notOnward, sameLine ? 0 : lines.begin, lines.end - 2);
    draft.text(this.#whence.lines(read.authority));
    if (this.#id !== undefined) draft.text(`x-request-id: ${this.#id}\r\n`);
  }

  /** At most so many bytes are written by `copy`. */
  get most(): number {
    const { read, method, target, authority } = this;
    return read.lines.end + 2 * read.authority.length + method.length + target.length + authority.length + 300;
  }

  #fields(): RawHeaders {
    const { lines, authority } = this.read;
    if (!this.#entered) return lines.fields(0);
    const fields = lines.fields(notInside);
    const { remoteAddress, scheme } = this.#whence;
    fields.push("x-forwarded-for", remoteAddress, "x-forwarded-proto", scheme, "x-forwarded-host", authority);
    if (this.#id !== undefined) fields.push("x-request-id", this.#id);
    return fields;
  }

  #added(): string {
    const whence = this.#whence.lines(this.read.authority);
    return this.#id === undefined ? whence : `${whence}x-request-id: ${this.#id}\r\n`;
  }
}
