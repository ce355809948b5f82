import { lineEnds } from "../../foundation/http/field-syntax.ts";
import {
  isStream,
  type Body,
  type BodyStream,
  type HttpResponse,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import type { Draft } from "../wire/draft.ts";
import type { Edits } from "./edits.ts";
import type { HeadLines } from "./head-lines.ts";
import { maskOf } from "./known-names.ts";

/** What ends at this hop (RFC 9110, section 7.6.1). */
const notInside = maskOf("connection", "hop", "te", "transferEncoding", "upgrade");
/** A length goes out as the body is framed. */
const notOnward = notInside | maskOf("contentLength");
const dated = maskOf("date");

/** A response's head as it was read. */
export interface ReadStatus {
  readonly status: number;
  readonly lines: HeadLines;
  /** There is one length, written as we would write it. */
  readonly plainLength: boolean;
}

/** A body that came with its head. */
export interface BodyBytes {
  bytes: Buffer;
  begin: number;
  end: number;
}

/** Undefined: a line end stands in one of them. */
function linesOf(headers: RawHeaders): string | undefined {
  if (headers.some((text) => lineEnds.test(text))) return undefined;
  let lines = "";
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}

/** The stream that a response's body is, without a text of one that is none. */
export function streamOf(response: HttpResponse): BodyStream | undefined {
  if (response instanceof ReadResponse && response.bodyBytes !== undefined) return undefined;
  const { body } = response;
  return isStream(body) ? body : undefined;
}

/** The response with another stream for its body. */
export function withStream(response: HttpResponse, body: BodyStream): HttpResponse {
  if (response instanceof ReadResponse) return response.with(body);
  return { status: response.status, headers: response.headers, body };
}

/**
 * The response with further headers, behind its own.
 * @param headers that nobody changes any more. @param lines the same, where they are known to have no line end inside.
 */
export function withHeaders(response: HttpResponse, headers: RawHeaders, lines?: string): HttpResponse {
  if (response instanceof ReadResponse) {
    response.add(headers, lines);
    return response;
  }
  return { status: response.status, headers: [...response.headers, ...headers], body: response.body };
}

/** The response with other headers. */
export function editResponse(response: HttpResponse, edits: Edits): HttpResponse {
  if (response instanceof ReadResponse && response.edit(edits)) return response;
  return { status: response.status, headers: edits.apply(response.headers), body: response.body };
}

/**
 * A response of HTTP/1.1 as it was read, without what ends at this hop. Fields and a small body are made when somebody
 * asks for them; what nobody changed goes on from buffer to buffer. Who changes headers gives it a new array.
 */
export class ReadResponse implements HttpResponse {
  readonly status: number;
  readonly lines: HeadLines;
  readonly #plainLength: boolean;
  #body: Body;
  /** Of a small body, until it is kept. */
  #bytes: BodyBytes | undefined;
  #headers: RawHeaders | undefined;
  #changed = false;
  #passedOn = false;
  /** What we say besides, as headers and as lines. */
  #more: RawHeaders | undefined;
  #added = "";
  /** What filters take away of what was read. */
  #edits: readonly Edits[] | undefined;

  /** @param body a stream, or the bytes of a small one. */
  constructor({ status, lines, plainLength }: ReadStatus, body: Body, bytes: BodyBytes | undefined) {
    this.status = status;
    this.lines = lines;
    this.#plainLength = plainLength;
    this.#body = body;
    this.#bytes = bytes;
  }

  get headers(): RawHeaders {
    if (this.#headers !== undefined) return this.#headers;
    const read = this.lines.fields(notInside);
    this.#headers = this.#edits?.reduce((headers, edits) => edits.without(headers), read) ?? read;
    if (this.#more !== undefined) this.#headers.push(...this.#more);
    return this.#headers;
  }

  set headers(headers: RawHeaders) {
    this.#headers = headers;
    this.#changed = true;
  }

  /** Says more, behind what was read. @param lines the same, where they are known to be sound. */
  add(headers: RawHeaders, lines?: string): void {
    const text = lines ?? linesOf(headers);
    if (this.#changed || text === undefined) return void (this.headers = [...this.headers, ...headers]);
    if (this.#headers !== undefined) this.#headers = [...this.#headers, ...headers];
    this.#added += text;
    this.#more = this.#more === undefined ? headers : [...this.#more, ...headers];
  }

  /** Takes headers away and says others behind the rest. False: that takes an array. */
  edit(edits: Edits): boolean {
    if (this.#changed || !edits.plain || edits.dropsAny(this.#more)) return false;
    if (this.#headers !== undefined) this.#headers = edits.apply(this.#headers);
    this.#edits = this.#edits === undefined ? edits.alone : [...this.#edits, edits];
    this.#added += edits.text;
    this.#more = this.#more === undefined ? edits.appended : [...this.#more, ...edits.appended];
    return true;
  }

  get body(): Body {
    const bytes = this.#bytes;
    if (bytes === undefined) return this.#body;
    this.#bytes = undefined;
    return (this.#body = bytes.bytes.toString("latin1", bytes.begin, bytes.end));
  }

  /** Nobody changed its headers. */
  get untouched(): boolean {
    return !this.#changed;
  }

  get dated(): boolean {
    return (this.lines.seen & dated) !== 0;
  }

  /** The small body that is still where it was read; undefined: it is another, or there is none. */
  get bodyBytes(): BodyBytes | undefined {
    return this.lines.there ? this.#bytes : undefined;
  }

  /** The same with a body that goes another way. */
  with(body: Body): this {
    this.#body = body;
    this.#bytes = undefined;
    return this;
  }

  /** It went to its client, and nobody asks for anything of it any more. */
  passedOn(): void {
    this.#passedOn = true;
  }

  /** Lasts from here on: what it was read from does not. */
  keep(): void {
    if (this.#passedOn) return;
    this.lines.keep();
    void this.body;
  }

  /** Lines as text, without a length. Only while it is untouched. */
  text(): string {
    return this.lines.lines(notOnward, this.#edits) + this.#added;
  }

  /**
   * Copies all of it to where the next message is made, with its small body. Only while it is untouched and its bytes are
   * there.
   * @param first its first line. @param last further lines.
   */
  copy(draft: Draft, first: string, last: string, { bytes, begin, end }: BodyBytes): void {
    const { lines } = this;
    const added = this.#added + last;
    draft.begin(end - begin + lines.end + first.length + added.length + 64);
    const sameLine = lines.begins(first);
    if (!sameLine) draft.text(first);
    const without = this.#plainLength ? notInside : notOnward;
    const from = sameLine ? 0 : lines.begin;
    // In the usual case what ends the head and the body stand behind the lines that go on.
    const edits = this.#edits;
    if (this.#plainLength && added === "" && begin === lines.end) return lines.copy(draft, without, from, end, edits);
    lines.copy(draft, without, from, lines.end - 2, edits);
    const length = this.#plainLength ? "" : `content-length: ${end - begin}\r\n`;
    draft.text(length);
    draft.text(added);
    draft.text("\r\n");
    draft.bytes(bytes, begin, end);
  }
}
