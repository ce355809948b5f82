import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body, BodyStream, HttpRequest } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { ChunkedDecoder } from "../../http1/chunked.ts";
import { parseTrailers } from "../../http1/fields.ts";
import type { Lent } from "../../http1/head-lines.ts";
import { withoutHopByHop } from "../../http1/hop-by-hop.ts";
import { Malformed } from "../../http1/malformed.ts";
import { ReadResponse, type BodyBytes } from "../../http1/read-response.ts";
import { headerValue } from "../../match/index.ts";
import { mostInformational, type Informed } from "../endpoint-client.ts";
import type { ReadAhead } from "../places/read-ahead.ts";
import { readHead, type ResponseHead } from "./head.ts";
import { keptFor } from "./kept-for.ts";

const maximumHead = 64 * 1024;
/** Bodies up to this size that arrive with their head are handed on whole: what a connection reads at once. */
const wholeBody = 64 * 1024;

/** What a reader asks of the connection that it reads from. */
export interface ReaderOwner {
  /** For what the client does not take. */
  readonly readAhead: ReadAhead;
  /** Requests finished on it. */
  readonly served: number;
  /** The head came, with the body where all of it came along, or with a stream. */
  answered(response: ReadResponse): void;
  pause(): void;
  resume(): void;
  /** Nobody wants the rest of the body. */
  unwanted(): void;
  /** The backend granted the upgrade: from here on this is what goes to it. */
  switched(stream: BodyStream): void;
}

/** Reads one response of HTTP/1.1 from bytes that are only lent to it. */
export class ResponseReader {
  /** Any byte of it came. */
  begun = false;
  /** The connection may carry another request once it is complete. */
  reusable = false;
  /** Milliseconds that the backend keeps the connection while it is idle, by the first answer on it; undefined: it does not say. */
  keptFor: number | undefined = undefined;
  readonly #request: HttpRequest;
  readonly #informed: Informed | undefined;
  readonly #owner: ReaderOwner;
  #partial: Buffer | undefined;
  #head: ResponseHead | undefined;
  #body: BodyQueue | undefined;
  /** Bytes of a body by content-length that are still due. */
  #left = 0;
  #decoder: ChunkedDecoder | undefined;
  #informational = 0;

  constructor(request: HttpRequest, informed: Informed | undefined, owner: ReaderOwner) {
    this.#request = request;
    this.#informed = informed;
    this.#owner = owner;
  }

  /** Takes as many of these bytes, which are lent. True: the response is complete. Throws `Malformed`. */
  take(lent: Lent, length: number): boolean {
    const { bytes } = lent;
    this.begun = true;
    if (this.#head !== undefined) return this.#takeBody(bytes.subarray(0, length));
    if (this.#partial === undefined) return this.#takeHead(bytes, length, lent);
    const whole = Buffer.concat([this.#partial, bytes.subarray(0, length)]);
    // Only the end of the head makes reading it all again worth while.
    if (whole.includes("\r\n\r\n", Math.max(0, this.#partial.length - 3)))
      return this.#takeHead(whole, whole.length, undefined);
    return this.#keep(whole);
  }

  #takeHead(bytes: Buffer, length: number, lent: Lent | undefined): boolean {
    let input = bytes;
    let left = length;
    let from = lent;
    for (;;) {
      const head = readHead(input, left, this.#request.method, from);
      if (head === undefined) return this.#keep(Buffer.copyBytesFrom(input, 0, left));
      const { end } = head.lines;
      if (end - 4 > maximumHead) throw tooLong();
      this.#partial = undefined;
      if (head.status === 101) return this.#startBody(this.#switch(head), input, end, left);
      if (head.status >= 200) return this.#startBody(head, input, end, left);
      if (++this.#informational > mostInformational) throw new Malformed("it informs without end");
      // 100 is for us, who sent the body at once.
      if (head.status > 101) this.#informed?.inform?.(head.status, head.lines.fields(0));
      if (left === end) return false;
      // Nothing of what comes behind it is where the bytes that are lent begin.
      input = Buffer.copyBytesFrom(input, end, left - end);
      left = input.length;
      from = undefined;
    }
  }

  #keep(partial: Buffer): false {
    if (partial.length > maximumHead) throw tooLong();
    this.#partial = partial;
    return false;
  }

  /** The backend ended its side. True: that completes the response. */
  end(): boolean {
    if (this.#head?.framing.type !== "close" || this.#body === undefined) return false;
    this.#body.end();
    return true;
  }

  /** The body breaks for whoever reads it. */
  fail(error: BandstandError): void {
    this.#body?.fail(error);
  }

  /** What comes behind a 101 is its body. */
  #switch(head: ResponseHead): ResponseHead {
    const { upgrade } = this.#request;
    if (upgrade === undefined) throw new Malformed("it switched protocols although nobody asked");
    const protocol = headerValue(head.lines.fields(0), "upgrade");
    if (protocol?.toLowerCase() !== upgrade.protocol) throw new Malformed(`it switched to ${protocol ?? "nothing"}`);
    this.#owner.switched(upgrade.stream);
    return { ...head, framing: { type: "close" }, reusable: false };
  }

  /** @param from where the body begins. @param to where the bytes end. */
  #startBody(head: ResponseHead, bytes: Buffer, from: number, to: number): boolean {
    this.#head = head;
    this.reusable = head.reusable;
    if (this.#owner.served === 0) this.keptFor = keptFor(head.lines);
    const { framing } = head;
    if (framing.type === "none") {
      expectNoMore(to - from, 0);
      this.#answer(head, undefined, undefined);
      return true;
    }
    if (framing.type === "length" && framing.length <= wholeBody && to - from >= framing.length) {
      expectNoMore(to - from, framing.length);
      this.#answer(head, "", { bytes, begin: from, end: to });
      return true;
    }
    const length = framing.type === "length" ? framing.length : undefined;
    this.#left = length ?? 0;
    this.#decoder = framing.type === "chunked" ? new ChunkedDecoder() : undefined;
    const body = new BodyQueue({
      length,
      spare: this.#owner.readAhead.for(head.status === 101 ? Number.POSITIVE_INFINITY : length),
      onRoom: () => this.#owner.resume(),
      onCancel: () => this.#owner.unwanted(),
    });
    this.#body = body;
    const complete = to > from && this.#takeBody(bytes.subarray(from, to));
    this.#answer(head, body, undefined);
    return complete;
  }

  /** Nearly always the answer goes to its client at once; what of it is left after that must last. */
  #answer(head: ResponseHead, body: Body, bytes: BodyBytes | undefined): void {
    const { status, lines, lists } = head;
    const response = new ReadResponse(head, body, bytes);
    // Names of its own that end here: nobody can pass it on as it is.
    if (lists || status === 101) response.headers = withoutHopByHop(lines.fields(0));
    this.#owner.answered(response);
    response.keep();
  }

  #takeBody(input: Buffer): boolean {
    const body = this.#body;
    if (body === undefined) throw new Malformed("it goes on after its end");
    const decoder = this.#decoder;
    if (decoder !== undefined) {
      let piece: Buffer | undefined;
      const taken = decoder.decode(input, (found) => (piece = found));
      if (decoder.done) expectNoMore(input.length, taken);
      const room = body.pushLent(piece, decoder.done, decoder.done ? parseTrailers(decoder.trailers) : undefined);
      return decoder.done || this.#pace(room);
    }
    if (this.#head?.framing.type === "close") return this.#pace(body.pushLent(input, false));
    expectNoMore(input.length, Math.min(input.length, this.#left));
    this.#left -= input.length;
    const room = body.pushLent(input, this.#left === 0);
    return this.#left === 0 || this.#pace(room);
  }

  #pace(room: boolean): false {
    if (!room) this.#owner.pause();
    return false;
  }
}

function tooLong(): Malformed {
  return new Malformed(`its head is longer than ${maximumHead} bytes`);
}

function expectNoMore(came: number, taken: number): void {
  if (came > taken) throw new Malformed("it sent more than it announced");
}
