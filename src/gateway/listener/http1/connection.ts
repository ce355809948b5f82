import type { Socket } from "node:net";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import { isStream, type BodyStream, type HttpRequest, type HttpResponse } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { ChunkedDecoder } from "../../http1/chunked.ts";
import { lastChunk, Malformed, parseTrailers } from "../../http1/fields.ts";
import { Exchange } from "./exchange.ts";
import { parseRequestHead, type RequestHead } from "./head.ts";
import { writeResponseHead } from "./response.ts";

/** What a connection may cost and how slow it may be. Bytes and milliseconds. */
export interface ConnectionLimits {
  headBytes: number;
  headers: number;
  /** From the first byte of a head to its end. */
  headTimeout: number;
  /** Between two pieces of a request's body, and of a response that the client does not take. */
  stallTimeout: number;
  /** Between two requests. */
  idleTimeout: number;
}

export const defaultLimits: ConnectionLimits = {
  headBytes: 32 * 1024,
  headers: 256,
  headTimeout: 10_000,
  stallTimeout: 30_000,
  idleTimeout: 75_000,
};

/** What the listener does with requests and with what went wrong before there was one. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  /** True while the listener ends: responses say `connection: close`. */
  readonly draining: boolean;
  handle(request: HttpRequest, exchange: Exchange): HttpResponse | Promise<HttpResponse>;
  /** The answer for a request that was refused before it was one. */
  refuse(error: BandstandError): HttpResponse;
  /** A failure after the head was out, or of the client; the connection is closed. */
  broke(error: BandstandError): void;
  closed(connection: ServerConnection): void;
}

/** Bodies up to this size that arrive with their head are handed on whole. */
const wholeBody = 16 * 1024;
/** What is read and dropped of a body that nobody wants, before the connection is closed instead. */
const drainedBody = 256 * 1024;
const empty = Buffer.alloc(0);

/** One client connection: one request after the other; what is pipelined waits. */
export class ServerConnection {
  /** `performance.now()` when patience ends, watched by the listener's sweep. */
  deadline: number;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #remoteAddress: string;
  /** Bytes that came but were not parsed: a part of a head, or requests that wait for their turn. */
  #pending: Buffer = empty;
  #state: "idle" | "head" | "busy" | "closing" = "idle";
  #exchange: Exchange | undefined;
  /** The body of the current request while it still arrives. */
  #body: BodyQueue | undefined;
  #bodyLeft = 0;
  #decoder: ChunkedDecoder | undefined;
  #dropped = 0;
  #ended = false;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#remoteAddress = socket.remoteAddress ?? "";
    this.deadline = performance.now() + owner.limits.headTimeout;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("error", () => this.#onClose());
    socket.on("close", () => this.#onClose());
  }

  /** No request under way: closing disturbs nobody. */
  get idle(): boolean {
    return this.#state === "idle";
  }

  /** Ends the connection now; a response under way breaks. */
  destroy(): void {
    this.#state = "closing";
    this.#socket.destroy();
  }

  /** Patience ended: an idle connection closes, a slow head or body is answered with 408 where that is still possible. */
  expire(): void {
    if (this.#state === "idle") return this.destroy();
    const slow = new BandstandError("request-too-slow", "the request did not arrive in time");
    if (this.#state === "head") return this.#refuse(slow);
    this.#body?.fail(slow);
    this.#exchange?.abort(slow);
    // The handler answers the abort; a client that does not take that answer either is cut off.
    if (this.#body === undefined) return this.destroy();
    this.#body = undefined;
    this.deadline = performance.now() + this.#owner.limits.stallTimeout;
  }

  #onData(chunk: Buffer): void {
    if (this.#state === "closing") return this.#lingering(chunk);
    try {
      if (this.#state === "busy") return this.#whileBusy(chunk);
      this.#readHead(this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]));
    } catch (error) {
      this.#refuse(asRefusal(error));
    }
  }

  #readHead(input: Buffer): void {
    const { limits } = this.#owner;
    if (this.#state === "idle") {
      this.#state = "head";
      this.deadline = performance.now() + limits.headTimeout;
    }
    // One empty line before a request is ignored (RFC 9112, section 2.2).
    const start = input.length >= 2 && input[0] === 0x0d && input[1] === 0x0a ? 2 : 0;
    const end = input.indexOf("\r\n\r\n", start);
    if (end === -1 || end > limits.headBytes) {
      if (input.length > limits.headBytes)
        throw tooLarge(`the request's head is longer than ${limits.headBytes} bytes`);
      this.#pending = input;
      return;
    }
    this.#pending = empty;
    const head = parseRequestHead(input.toString("latin1", start, end), limits.headers);
    this.#start(head, end + 4 === input.length ? empty : input.subarray(end + 4));
  }

  #start(head: RequestHead, rest: Buffer): void {
    this.#state = "busy";
    this.deadline = Number.POSITIVE_INFINITY;
    const exchange = new Exchange(this.#remoteAddress, performance.now());
    this.#exchange = exchange;
    const { method, target, authority, headers } = head;
    const request: HttpRequest = {
      method,
      scheme: "http",
      authority,
      target,
      headers,
      body: this.#receiveBody(head, rest),
    };
    let response: HttpResponse | Promise<HttpResponse>;
    try {
      response = this.#owner.handle(request, exchange);
    } catch (error) {
      return this.#failed(error);
    }
    if (response instanceof Promise)
      response.then((ready) => this.#respond(head, ready, exchange)).catch((error: unknown) => this.#failed(error));
    else this.#respond(head, response, exchange).catch((error: unknown) => this.#failed(error));
  }

  /** The request's body in the form that suits its size; keeps what belongs to the next request. */
  #receiveBody(head: RequestHead, rest: Buffer): HttpRequest["body"] {
    const { framing } = head;
    if (framing.type === "none" || (framing.type === "length" && framing.length === 0)) {
      this.#pending = rest;
      return framing.type === "none" ? undefined : "";
    }
    if (framing.type === "length" && framing.length <= wholeBody && rest.length >= framing.length) {
      this.#pending = rest.subarray(framing.length);
      return rest.toString("latin1", 0, framing.length);
    }
    this.#bodyLeft = framing.type === "length" ? framing.length : 0;
    this.#decoder = framing.type === "chunked" ? new ChunkedDecoder() : undefined;
    this.#dropped = 0;
    const body = new BodyQueue({
      length: framing.type === "length" ? framing.length : undefined,
      onRoom: () => {
        this.deadline = performance.now() + this.#owner.limits.stallTimeout;
        this.#socket.resume();
      },
      onCancel: () => this.#socket.resume(),
    });
    this.#body = body;
    this.deadline = performance.now() + this.#owner.limits.stallTimeout;
    if (head.expectsContinue && rest.length === 0) this.#socket.write("HTTP/1.1 100 Continue\r\n\r\n", "latin1");
    if (rest.length > 0) this.#takeBody(body, rest);
    return body;
  }

  #whileBusy(chunk: Buffer): void {
    const body = this.#body;
    if (body !== undefined) return this.#takeBody(body, chunk);
    // A pipelined request waits for its turn, in a bounded buffer.
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#pending.length > this.#owner.limits.headBytes) this.#socket.pause();
  }

  #takeBody(body: BodyQueue, input: Buffer): void {
    this.deadline = performance.now() + this.#owner.limits.stallTimeout;
    let room = true;
    let taken: number;
    if (this.#decoder !== undefined) {
      taken = this.#decoder.decode(input, (piece) => (room = body.push(piece)));
      if (this.#decoder.done) this.#endBody(body, parseTrailers(this.#decoder.trailers));
    } else {
      taken = Math.min(input.length, this.#bodyLeft);
      room = body.push(taken === input.length ? input : input.subarray(0, taken));
      this.#bodyLeft -= taken;
      if (this.#bodyLeft === 0) this.#endBody(body);
    }
    if (taken < input.length) this.#pending = input.subarray(taken);
    if (!room && this.#body !== undefined) {
      // The reader's pace is not the client's fault.
      this.deadline = Number.POSITIVE_INFINITY;
      this.#socket.pause();
    }
  }

  #endBody(body: BodyQueue, trailers?: string[]): void {
    this.#body = undefined;
    this.#decoder = undefined;
    this.deadline = Number.POSITIVE_INFINITY;
    body.end(trailers);
  }

  async #respond(head: RequestHead, response: HttpResponse, exchange: Exchange): Promise<void> {
    if (this.#state !== "busy" || this.#exchange !== exchange) {
      if (isStream(response.body)) response.body.cancel();
      return;
    }
    // A body that is still to come would be read as the next request: the connection ends with this response.
    const close = !head.keepAlive || this.#owner.draining || this.#body !== undefined || this.#ended;
    const { text, framing, body } = this.#writeHead(response, head, close);
    if (framing === "whole") {
      if (typeof body === "string" || body === undefined)
        this.#socket.write(body === undefined ? text : text + body, "latin1");
      else this.#writeBytes(text, body as Uint8Array);
    } else if (framing === "none") {
      this.#socket.write(text, "latin1");
      if (isStream(body)) body.cancel();
    } else {
      this.#socket.write(text, "latin1");
      await this.#stream(body as BodyStream, framing === "chunked");
    }
    this.#finish(close || framing === "close");
  }

  /** A response whose headers cannot go out is answered like any other failure. */
  #writeHead(response: HttpResponse, request: RequestHead, close: boolean) {
    try {
      const { head, framing } = writeResponseHead(response, request, close);
      return { text: head, framing, body: response.body };
    } catch (error) {
      if (isStream(response.body)) response.body.cancel(error);
      const instead = this.#owner.refuse(asRefusal(error));
      const { head, framing } = writeResponseHead(instead, request, close);
      return { text: head, framing, body: instead.body };
    }
  }

  #writeBytes(head: string, body: Uint8Array): void {
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body);
    this.#socket.uncork();
  }

  /** Throws where the body breaks: then the connection is closed without the body's end. */
  async #stream(body: BodyStream, chunked: boolean): Promise<void> {
    let left = body.length ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const next = body.read();
      const piece = next instanceof Promise ? await next : next;
      if (this.#socket.destroyed) return body.cancel();
      if (piece === undefined) break;
      if (piece.length === 0) continue;
      left -= piece.length;
      if (left < 0) throw new BandstandError("backend-broken", "the response's body is longer than its content-length");
      if (!(chunked ? this.#writeChunk(piece) : this.#socket.write(piece))) await this.#drained();
    }
    if (left > 0 && left !== Number.POSITIVE_INFINITY) {
      throw new BandstandError("backend-broken", "the response's body is shorter than its content-length");
    }
    if (chunked) this.#socket.write(lastChunk(body.trailers), "latin1");
  }

  #writeChunk(piece: Uint8Array): boolean {
    this.#socket.cork();
    this.#socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
    this.#socket.write(piece);
    const room = this.#socket.write("\r\n", "latin1");
    this.#socket.uncork();
    return room;
  }

  async #drained(): Promise<void> {
    if (this.#socket.destroyed) return;
    this.deadline = performance.now() + this.#owner.limits.stallTimeout;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done).off("close", done);
        resolve();
      };
      this.#socket.on("drain", done).on("close", done);
    });
    this.deadline = Number.POSITIVE_INFINITY;
  }

  #finish(close: boolean): void {
    this.#exchange = undefined;
    if (close) return this.#linger();
    this.#state = "idle";
    this.deadline = performance.now() + this.#owner.limits.idleTimeout;
    if (this.#pending.length === 0) {
      if (this.#ended) this.#linger();
      return;
    }
    this.#socket.resume();
    // Not in this stack: a client with a thousand pipelined requests would nest as deep.
    setImmediate(() => {
      if (this.#state === "idle" && this.#pending.length > 0) this.#onData(empty);
    });
  }

  #failed(error: unknown): void {
    this.#owner.broke(
      error instanceof BandstandError ? error : new BandstandError("internal", messageOf(error), { cause: error }),
    );
    this.#body?.cancel(error);
    // A reset, where the head is out: nobody may take a part for the whole.
    this.#socket.resetAndDestroy();
  }

  #refuse(error: BandstandError): void {
    if (this.#state === "busy") {
      this.#body?.fail(error);
      this.#exchange?.abort(error);
      this.#body = undefined;
      this.#owner.broke(error);
      // The handler's answer may still go out; the connection ends with it.
      this.#ended = true;
      return;
    }
    this.#state = "closing";
    const response = this.#owner.refuse(error);
    const { head } = writeResponseHead(response, { method: "GET", old: false }, true);
    this.#socket.write(head + (response.body as string), "latin1");
    this.#linger();
  }

  /** Our side ends; what the client still sends is dropped for a while, so that it can read the response. */
  #linger(): void {
    this.#state = "closing";
    this.#body?.cancel();
    this.#body = undefined;
    this.#pending = empty;
    this.deadline = performance.now() + 2000;
    this.#socket.end();
    this.#socket.resume();
    if (this.#ended) this.#socket.destroySoon();
  }

  #lingering(chunk: Buffer): void {
    this.#dropped += chunk.length;
    if (this.#dropped > drainedBody) this.#socket.destroy();
  }

  /**
   * The client sends no more. Nearly always it left (a real half-close cannot be told apart before a write
   * fails), so whatever works for it is told; an answer that comes all the same still goes out.
   */
  #onEnd(): void {
    this.#ended = true;
    if (this.#state !== "busy") return this.#socket.destroySoon();
    const gone = new BandstandError("client-gone", "the client ended its side of the connection");
    this.#body?.fail(gone);
    this.#body = undefined;
    this.#exchange?.abort(gone);
  }

  #onClose(): void {
    const gone = new BandstandError("client-gone", "the client closed the connection");
    this.#state = "closing";
    this.#exchange?.abort(gone);
    this.#exchange = undefined;
    this.#body?.fail(gone);
    this.#body = undefined;
    this.#socket.destroy();
    this.#owner.closed(this);
  }
}

function tooLarge(what: string): BandstandError {
  return new BandstandError("headers-too-large", what);
}

function asRefusal(error: unknown): BandstandError {
  if (error instanceof BandstandError) return error;
  return new BandstandError(error instanceof Malformed ? "request-malformed" : "internal", messageOf(error), {
    cause: error,
  });
}
