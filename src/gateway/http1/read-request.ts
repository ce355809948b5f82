import type { ByteWriter } from "../../foundation/bytes/index.ts";
import type { Body, HttpRequest, RawHeaders, Upgrade } from "../../foundation/http/index.ts";
import type { Draft } from "../wire/draft.ts";
import type { Edits } from "./edits.ts";
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
const requestId = Buffer.from("x-request-id: ");
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
  #lines = none;

  constructor(remoteAddress: string, scheme: "http" | "https") {
    this.remoteAddress = remoteAddress;
    this.scheme = scheme;
  }

  /** As lines. A client asks for the same host again and again. */
  lines(authority: string): Buffer {
    if (authority !== this.#authority) {
      this.#authority = authority;
      const host = `x-forwarded-proto: ${this.scheme}\r\nx-forwarded-host: ${authority}\r\n`;
      this.#lines = Buffer.from(`x-forwarded-for: ${this.remoteAddress}\r\n${host}`, "latin1");
    }
    return this.#lines;
  }
}

const none = Buffer.alloc(0);

/** Who has a name for each request. */
export interface Named {
  readonly id: string;
  /** Writes `id`, for who needs no text of it. */
  writeId?(to: ByteWriter): void;
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
  #named: Named | undefined;
  #entered = false;
  #headers: RawHeaders | undefined;
  #changed = false;
  /** What filters made of it, and the lines that they added. */
  #edits: readonly Edits[] | undefined;
  #edited = "";

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
  enter(named: Named): boolean {
    const { lines, lists } = this.read;
    if (lists || this.#changed || (lines.seen & trailersAsked) !== 0) return false;
    this.#entered = true;
    this.#headers = undefined;
    if ((lines.seen & identified) === 0) this.#named = named;
    return true;
  }

  /** Another request with these headers. Only while they are untouched. */
  onward({ method, target, body }: HttpRequest): ReadRequest {
    const request = new ReadRequest(this.read, this.#whence, body, undefined);
    request.method = method;
    request.target = target;
    request.authority = this.authority;
    request.#named = this.#named;
    request.#entered = true;
    request.#headers = this.#headers;
    request.#edits = this.#edits;
    request.#edited = this.#edited;
    return request;
  }

  /** Takes headers away and adds others. */
  edit(edits: Edits): void {
    const before = this.#edits;
    const asLines = this.untouched && edits.plain && before?.some(({ appended }) => edits.dropsAny(appended)) !== true;
    if (!asLines) return void (this.headers = edits.apply(this.headers));
    if (this.#headers !== undefined) this.#headers = edits.apply(this.#headers);
    this.#edits = before === undefined ? edits.alone : [...before, edits];
    this.#edited += edits.text;
  }

  /** Nobody gave it other headers since `enter`. */
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
    return `${this.read.lines.lines(notOnward, this.#edits)}${this.#added()}${this.#edited}`;
  }

  /** First line, Host, its lines and those that we say of it. Only while it is untouched and its bytes are there. */
  copy(draft: Draft): void {
    const { read, method, target, authority } = this;
    const { lines } = read;
    const sameHost = read.plain && authority === read.authority;
    const sameLine = sameHost && method === read.method && target === read.target;
    if (!sameLine) draft.text(`${method} ${target} HTTP/1.1\r\n`);
    if (!sameHost) draft.text(`host: ${authority}\r\n`);
    const without = sameHost ? notOnwardButHost : notOnward;
    lines.copy(draft, without, sameLine ? 0 : lines.begin, lines.end - 2, this.#edits);
    draft.all(this.#whence.lines(read.authority));
    const named = this.#named;
    if (named !== undefined) {
      draft.all(requestId);
      if (named.writeId === undefined) draft.text(named.id);
      else named.writeId(draft);
      draft.text("\r\n");
    }
    draft.text(this.#edited);
  }

  /** At most so many bytes are written by `copy`. */
  get most(): number {
    const { read, method, target, authority } = this;
    return (
      read.lines.end +
      2 * read.authority.length +
      method.length +
      target.length +
      authority.length +
      this.#edited.length +
      300
    );
  }

  #fields(): RawHeaders {
    const { lines, authority } = this.read;
    if (!this.#entered) return lines.fields(0);
    const fields = lines.fields(notInside);
    const { remoteAddress, scheme } = this.#whence;
    fields.push("x-forwarded-for", remoteAddress, "x-forwarded-proto", scheme, "x-forwarded-host", authority);
    if (this.#named !== undefined) fields.push("x-request-id", this.#named.id);
    return this.#edits?.reduce((headers, edits) => edits.apply(headers), fields) ?? fields;
  }

  #added(): string {
    const whence = this.#whence.lines(this.read.authority).toString("latin1");
    return this.#named === undefined ? whence : `${whence}x-request-id: ${this.#named.id}\r\n`;
  }
}

/** Edits a request's headers. */
export function editRequest(request: HttpRequest, edits: Edits): void {
  if (request instanceof ReadRequest) request.edit(edits);
  else request.headers = edits.apply(request.headers);
}
