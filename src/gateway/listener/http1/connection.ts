import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import {
  isStream,
  type BodyStream,
  type HttpRequest,
  type HttpResponse,
  type RawHeaders,
} from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { Malformed } from "../../http1/fields.ts";
import { Exchange } from "./exchange.ts";
import { parseRequestHead, type RequestHead } from "./head.ts";
import type { ConnectionLimits } from "./limits.ts";
import { ArrivingBody, wholeWithHead } from "./receive.ts";
import { writeInformationalHead, writeResponseHead, type ResponseFraming } from "./response.ts";
import { sendStream, sendWhole } from "./send.ts";

/** What the server does with requests and with what went wrong. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  /** True while the server ends: responses say `connection: close`. */
  readonly draining: boolean;
  handle(request: HttpRequest, exchange: Exchange): HttpResponse | Promise<HttpResponse>;
  /** The answer for an error that ended a request before its response began. */
  refuse(error: BandstandError): HttpResponse & { body: string };
  /** A request that came through to `handle` ended by an error here: for logs and metrics. */
  broke(error: BandstandError): void;
  closed(connection: ServerConnection): void;
  /** The client speaks HTTP/2 (RFC 9113, section 3.3); the socket is its owner's again, nothing of it read. */
  speaksHttp2(connection: ServerConnection, socket: Socket): void;
}

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** What is read and dropped of a body that nobody wants, before the connection is closed instead. */
const droppedBody = 256 * 1024;
/** Milliseconds that a response may go on for a client that ended its side. */
const halfClosed = 1000;
/** Milliseconds that a client gets to read the last response while it still sends. */
const lingering = 2000;
const empty = Buffer.alloc(0);

/** One client connection: one request after the other; what is pipelined waits. */
export class ServerConnection {
  /** `performance.now()` when patience ends, watched by the server's sweep. */
  deadline: number;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #remoteAddress: string;
  readonly #scheme: "http" | "https";
  readonly #servername: string | undefined;
  /** Bytes that came but were not parsed: a part of a head, or requests that wait for their turn. */
  #pending: Buffer = empty;
  #state: "idle" | "head" | "busy" | "tunnel" | "closing" = "idle";
  #exchange: Exchange | undefined;
  /** The body of the current request while it still arrives. */
  #body: ArrivingBody | undefined;
  /** The body of the current response while it goes out. */
  #sending: BodyStream | undefined;
  /** Behind a 101, or while one is asked for: what the client sends is for it. */
  #tunnel: BodyQueue | undefined;
  #headOut = false;
  /** A request came: what comes now is HTTP/1.1 for good. */
  #begun = false;
  #clientEnded = false;
  #dropped = 0;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#scheme = socket instanceof TLSSocket ? "https" : "http";
    this.#servername = (socket instanceof TLSSocket && socket.servername) || undefined;
    // A socket for both families shows IPv4 peers as IPv6 addresses.
    this.#remoteAddress = (socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "");
    this.deadline = after(owner.limits.headTimeout);
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
    this.#socket.destroy();
  }

  /** Patience ended. */
  expire(): void {
    if (this.#state === "idle" || this.#state === "closing" || this.#clientEnded) return this.destroy();
    this.#refuse(new BandstandError("request-too-slow", "the client sent or took nothing for too long"));
  }

  #onData(chunk: Buffer): void {
    try {
      if (this.#state === "closing") this.#drop(chunk);
      else if (this.#state === "tunnel") this.#forward(chunk);
      else if (this.#state !== "busy") this.#readHead(join(this.#pending, chunk));
      else if (this.#body !== undefined) this.#readBody(this.#body, chunk);
      else this.#keepForLater(chunk);
    } catch (error) {
      this.#refuse(asError(error));
    }
  }

  #readHead(input: Buffer): void {
    const { limits } = this.#owner;
    if (this.#state === "idle") {
      this.#state = "head";
      this.deadline = after(limits.headTimeout);
    }
    if (!this.#begun && input[0] === preface[0]) {
      const known = Math.min(input.length, preface.length);
      if (input.compare(preface, 0, known, 0, known) === 0) {
        if (known === preface.length) return this.#handOver(input);
        this.#pending = input;
        return;
      }
    }
    // One empty line before a request is ignored (RFC 9112, section 2.2).
    const start = input.length >= 2 && input[0] === 0x0d && input[1] === 0x0a ? 2 : 0;
    const end = input.indexOf("\r\n\r\n", start);
    if (end === -1 ? input.length > limits.headBytes : end > limits.headBytes) {
      throw new BandstandError("headers-too-large", `the request's head is longer than ${limits.headBytes} bytes`);
    }
    this.#pending = end === -1 ? input : empty;
    if (end === -1) return;
    const head = parseRequestHead(input.toString("latin1", start, end), limits.headers);
    this.#start(head, end + 4 === input.length ? empty : input.subarray(end + 4));
  }

  #handOver(input: Buffer): void {
    const socket = this.#socket;
    this.#state = "closing";
    for (const event of ["data", "end", "error", "close"]) socket.removeAllListeners(event);
    socket.pause();
    socket.unshift(input);
    this.#owner.speaksHttp2(this, socket);
  }

  #start(head: RequestHead, rest: Buffer): void {
    this.#state = "busy";
    this.#begun = true;
    this.deadline = Number.POSITIVE_INFINITY;
    const exchange = new Exchange(this.#remoteAddress, performance.now(), this.#servername);
    this.#exchange = exchange;
    if (!head.old) exchange.informant = this;
    const { method, target, authority, headers } = head;
    const body = this.#receiveBody(head, rest);
    const request: HttpRequest = { method, scheme: this.#scheme, authority, target, headers, body };
    if (head.upgrade !== undefined) {
      this.#tunnel = new BodyQueue({ onRoom: () => this.#socket.resume() });
      request.upgrade = { protocol: head.upgrade, stream: this.#tunnel };
    }
    try {
      const response = this.#owner.handle(request, exchange);
      if (response instanceof Promise) this.#answerLater(head, response, exchange);
      else this.#answer(head, response, exchange);
    } catch (error) {
      this.#fail(error, exchange);
    }
  }

  #receiveBody(head: RequestHead, rest: Buffer): HttpRequest["body"] {
    const whole = wholeWithHead(head.framing, rest);
    if (whole !== undefined) {
      this.#pending = whole.rest;
      return whole.body;
    }
    let continues = head.expectsContinue && rest.length === 0;
    const onRoom = (): void => {
      if (this.#body === body) this.deadline = after(this.#owner.limits.stallTimeout);
      this.#socket.resume();
    };
    // Who answers without the body spares the client sending it (RFC 9110, section 10.1.1).
    const onWait = (): void => {
      if (!continues || this.#body !== body || this.#headOut) return;
      continues = false;
      this.deadline = after(this.#owner.limits.stallTimeout);
      this.#socket.write("HTTP/1.1 100 Continue\r\n\r\n", "latin1");
    };
    const body = new ArrivingBody(head.framing, onRoom, onWait);
    this.#body = body;
    if (!continues) this.#readBody(body, rest);
    return body.queue;
  }

  /** Passes an informational response on; nothing where the request is over or its answer begun. */
  inform(exchange: Exchange, status: number, headers: RawHeaders): void {
    if (this.#exchange !== exchange || this.#headOut || this.#state !== "busy") return;
    this.#socket.write(writeInformationalHead(status, headers), "latin1");
  }

  /** What the client sends behind a 101. */
  #forward(chunk: Buffer): void {
    if (this.#tunnel?.push(chunk) === false) this.#socket.pause();
  }

  #readBody(body: ArrivingBody, input: Buffer): void {
    const { taken, room, done } = body.take(input);
    if (done) {
      this.#body = undefined;
      this.deadline = Number.POSITIVE_INFINITY;
      if (taken < input.length) this.#keepForLater(input.subarray(taken));
      return;
    }
    if (!room) this.#socket.pause();
    // The reader's pace is not the client's fault.
    this.deadline = room ? after(this.#owner.limits.stallTimeout) : Number.POSITIVE_INFINITY;
  }

  /** A pipelined request waits for its turn, in a bounded buffer. */
  #keepForLater(chunk: Buffer): void {
    this.#pending = join(this.#pending, chunk);
    if (this.#pending.length > this.#owner.limits.headBytes) this.#socket.pause();
  }

  async #answerLater(head: RequestHead, later: Promise<HttpResponse>, exchange: Exchange): Promise<void> {
    try {
      this.#answer(head, await later, exchange);
    } catch (error) {
      this.#fail(error, exchange);
    }
  }

  #answer(head: RequestHead, response: HttpResponse, exchange: Exchange): void {
    if (this.#exchange !== exchange) {
      if (isStream(response.body)) response.body.cancel();
      return;
    }
    const { upgrade } = head;
    if (upgrade !== undefined && response.status === 101 && isStream(response.body)) {
      return this.#switchTo(upgrade, response.headers, response.body, exchange);
    }
    this.#tunnel?.cancel();
    this.#tunnel = undefined;
    // A body that is still to come would be read as the next request: the connection ends with this response.
    const close = !head.keepAlive || this.#owner.draining || this.#body !== undefined || this.#clientEnded;
    const { text, framing, body } = this.#writeHead(response, head, close);
    this.#headOut = true;
    if (framing === "whole" || framing === "none") {
      if (isStream(body)) body.cancel();
      sendWhole(this.#socket, text, framing === "none" ? undefined : (body as string | Uint8Array | undefined));
      return this.#finish(close);
    }
    this.#socket.write(text, "latin1");
    this.#stream(body as BodyStream, framing, close, exchange);
  }

  /** From here on the connection carries bytes of another protocol, until either side ends it. */
  #switchTo(protocol: string, headers: RawHeaders, body: BodyStream, exchange: Exchange): void {
    this.#state = "tunnel";
    this.#headOut = true;
    this.#socket.write(writeInformationalHead(101, headers, protocol), "latin1");
    const early = this.#pending;
    this.#pending = empty;
    if (early.length > 0) this.#forward(early);
    this.#socket.resume();
    if (this.#clientEnded) this.#tunnel?.end();
    this.#stream(body, "close", true, exchange);
  }

  async #stream(body: BodyStream, framing: ResponseFraming, close: boolean, exchange: Exchange): Promise<void> {
    this.#sending = body;
    try {
      await sendStream(this.#socket, body, framing === "chunked", (stalled) => {
        const moving = this.#clientEnded && this.#state !== "tunnel" ? after(halfClosed) : Number.POSITIVE_INFINITY;
        this.deadline = stalled ? after(this.#owner.limits.stallTimeout) : moving;
      });
      if (this.#exchange !== exchange) return;
      this.#sending = undefined;
      this.#finish(close || framing === "close");
    } catch (error) {
      this.#fail(error, exchange);
    }
  }

  /** A response whose headers cannot go out is answered like any other failure. */
  #writeHead(response: HttpResponse, request: RequestHead, close: boolean) {
    try {
      return { ...writeResponseHead(response, request, close), body: response.body };
    } catch (error) {
      if (isStream(response.body)) response.body.cancel(error);
      const instead = this.#owner.refuse(asError(error));
      return { ...writeResponseHead(instead, request, close), body: instead.body };
    }
  }

  #finish(close: boolean): void {
    this.#exchange = undefined;
    this.#headOut = false;
    this.#tunnel?.cancel();
    this.#tunnel = undefined;
    if (close) return this.#linger();
    this.#state = "idle";
    this.deadline = after(this.#owner.limits.idleTimeout);
    if (this.#pending.length === 0) return;
    this.#socket.resume();
    // Not in this stack: a client with a thousand pipelined requests would nest as deep.
    setImmediate(() => {
      if (this.#state === "idle" && this.#pending.length > 0) this.#onData(empty);
    });
  }

  /** The handler or its body failed; a failure after the exchange ended otherwise is nobody's any more. */
  #fail(error: unknown, exchange: Exchange): void {
    if (this.#exchange === exchange) this.#refuse(asError(error));
  }

  /** Ends the connection with the answer for an error, or with a reset: nobody may take a part for the whole. */
  #refuse(error: BandstandError): void {
    const exchange = this.#exchange;
    this.#giveUp(error);
    if (exchange !== undefined) this.#owner.broke(error);
    if (this.#headOut) return this.#reset();
    const answer = this.#owner.refuse(error);
    const { text } = writeResponseHead(answer, { method: "GET", old: false }, true);
    sendWhole(this.#socket, text, answer.body);
    this.#linger();
  }

  /** TLS has no reset of its own: without its closing message the client knows as well. */
  #reset(): void {
    if (this.#scheme === "https") this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Our side ends; what the client still sends is dropped for a while, so that it can read the response. */
  #linger(): void {
    this.#state = "closing";
    this.#body?.queue.cancel();
    this.#body = undefined;
    this.#pending = empty;
    this.deadline = after(lingering);
    this.#socket.end();
    this.#socket.resume();
    if (this.#clientEnded) this.#socket.destroySoon();
  }

  #drop(chunk: Buffer): void {
    this.#dropped += chunk.length;
    if (this.#dropped > droppedBody) this.#socket.destroy();
  }

  /**
   * The client sends no more. Nearly always it left, which a half-close cannot be told from before a write
   * fails; so what works for it goes on for a moment only.
   */
  #onEnd(): void {
    this.#clientEnded = true;
    if (this.#state === "tunnel") return this.#tunnel?.end();
    if (this.#state !== "busy") return this.#socket.destroySoon();
    this.#body?.queue.fail(new BandstandError("client-gone", "the client ended its request in the middle"));
    this.#body = undefined;
    this.deadline = after(halfClosed);
  }

  #onClose(): void {
    this.#giveUp(new BandstandError("client-gone", "the client closed the connection"));
    this.#socket.destroy();
    this.#owner.closed(this);
  }

  /** Tells everybody who works for the current request that it ended. */
  #giveUp(error: BandstandError): void {
    const exchange = this.#exchange;
    const body = this.#body;
    const sending = this.#sending;
    const tunnel = this.#tunnel;
    this.#tunnel = undefined;
    this.#state = "closing";
    this.#exchange = undefined;
    this.#body = undefined;
    this.#sending = undefined;
    body?.queue.fail(error);
    tunnel?.fail(error);
    sending?.cancel(error);
    exchange?.abort(error);
  }
}

function after(milliseconds: number): number {
  return performance.now() + milliseconds;
}

function join(first: Buffer, second: Buffer): Buffer {
  if (first.length === 0) return second;
  return second.length === 0 ? first : Buffer.concat([first, second]);
}

function asError(error: unknown): BandstandError {
  if (error instanceof BandstandError) return error;
  const code = error instanceof Malformed ? "request-malformed" : "internal";
  return new BandstandError(code, messageOf(error), { cause: error });
}
