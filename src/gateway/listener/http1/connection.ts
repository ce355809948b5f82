import { performance } from "node:perf_hooks";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { BandstandError } from "../../../foundation/errors/index.ts";
import {
  isStream,
  type Body,
  type BodyStream,
  type HttpResponse,
  type RawHeaders,
} from "../../../foundation/http/index.ts";
import { nextTurn } from "../../../foundation/time/turns.ts";
import { ReadRequest, Whence } from "../../http1/read-request.ts";
import { asError } from "../as-error.ts";
import { askedIn } from "../asked.ts";
import { tooSlow } from "../body-pace.ts";
import { Exchange, type AnswerTaker, type Informant } from "../exchange.ts";
import { draft } from "../../wire/draft.ts";
import { turn } from "../../wire/turn.ts";
import type { Linked } from "../linked-list.ts";
import { waitingBehind, type Held, type Holding } from "../untaken.ts";
import { wireOf, type Wire } from "../../wire/wire.ts";
import { Flow } from "./flow.ts";
import type { RequestHead } from "./head.ts";
import { after, incomplete, Intake, type RequestTaker } from "./intake.ts";
import { LentSocket } from "./lent-buffer.ts";
import type { ConnectionOwner } from "./owner.ts";
import {
  draftAnswer,
  draftResponse,
  writeInformationalHead,
  writeResponseHead,
  type ResponseFraming,
} from "./response.ts";
import { inPieces, sendStream, sendWhole } from "./send.ts";

/** Milliseconds that a response may go on for a client that ended its side. */
const halfClosed = 1000;
/** Milliseconds that a client gets to read the last response while it still sends. */
const lingering = 2000;
const empty = Buffer.alloc(0);

/** One client connection: one request and its response after the other. */
export class ServerConnection implements RequestTaker, Informant, AnswerTaker, Holding, Linked<ServerConnection> {
  ahead: ServerConnection | undefined;
  behind: ServerConnection | undefined;
  headOut = false;
  held: Held | undefined;
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly #owner: ConnectionOwner;
  readonly #intake: Intake;
  readonly #whence: Whence;
  readonly #servername: string | undefined;
  #exchange: Exchange | undefined;
  /** Of the current request. */
  #head: RequestHead | undefined;
  /** The body of the current response while it goes out. */
  #sending: BodyStream | undefined;
  #clientEnded = false;
  /** The last response is complete, and waits for the client to take it. */
  #untaken = false;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#wire = wireOf(socket);
    const secured = socket instanceof TLSSocket;
    this.#intake = new Intake(socket, this.#wire, owner.limits, this, secured);
    this.#servername = (secured && socket.servername) || undefined;
    this.#whence = new Whence(owner.clientOf(socket), secured ? "https" : "http");
    const reader: LentSocket["reader"] = (bytes, length) => this.#onLent(bytes, length);
    if (socket instanceof LentSocket) socket.reader = reader;
    else socket.on("data", this.#onData);
    socket.on("end", this.#onEnd).on("error", this.#onClose).on("close", this.#onClose);
  }

  /** `performance.now()` when patience ends, watched by the server's sweep. */
  get deadline(): number {
    return this.#intake.deadline;
  }

  get bodyRate(): number {
    return this.#owner.bodyRate;
  }

  /** No request under way: closing disturbs nobody. */
  get idle(): boolean {
    return this.#intake.state === "idle";
  }

  /** Whoever waits for a connection may have its place: no head of a request is complete. */
  get carriesNothing(): boolean {
    const { state } = this.#intake;
    return state === "idle" || state === "head" || state === "closing";
  }

  /** Ends the connection now; a response under way breaks. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Patience ended. */
  expire(): void {
    const { state, missedRate } = this.#intake;
    if (state === "idle" || state === "closing" || this.#clientEnded || this.#untaken) return this.destroy();
    this.#refuse(tooSlow(missedRate), this.#intake.unread);
  }

  start(head: RequestHead, body: Body, tunnel: BodyStream | undefined): void {
    const exchange = this.#newExchange();
    this.#exchange = exchange;
    this.#head = head;
    exchange.taker = this;
    exchange.connection = this;
    if (!head.old) exchange.informant = this;
    const protocol = head.upgrade;
    const upgrade = protocol === undefined || tunnel === undefined ? undefined : { protocol, stream: tunnel };
    const request = new ReadRequest(head, this.#whence, body, upgrade);
    try {
      const response = this.#owner.handle(request, exchange);
      if (response instanceof Promise) void this.#answerLater(response, exchange);
      else if (response !== undefined) this.#answer(response, exchange);
    } catch (error) {
      this.#fail(error, exchange);
    }
  }

  handOver(input: Buffer): void {
    const socket = this.#socket;
    this.#intake.state = "closing";
    if (socket instanceof LentSocket) socket.reader = undefined;
    // Only our own: others wait for its end too.
    socket.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onClose).off("close", this.#onClose);
    socket.pause();
    socket.unshift(input);
    this.#owner.speaksHttp2(this, socket);
  }

  /** Passes an informational response on; nothing where the request is over or its answer begun. */
  inform(exchange: Exchange, status: number, headers: RawHeaders): void {
    if (this.#exchange !== exchange || this.headOut || this.#intake.state !== "busy") return;
    this.#wire.text(writeInformationalHead(status, headers));
  }

  #onLent(bytes: Buffer, length: number): void {
    try {
      this.#intake.takeLent(bytes, length);
    } catch (error) {
      this.#refuse(asError(error), this.#intake.unreadBefore(bytes.subarray(0, length)));
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#intake.take(chunk);
    } catch (error) {
      this.#refuse(asError(error), this.#intake.unreadBefore(chunk));
    }
  };

  answered(exchange: Exchange, response: HttpResponse): void {
    try {
      this.#answer(response, exchange);
    } catch (error) {
      this.#fail(error, exchange);
    }
  }

  failed(exchange: Exchange, error: unknown): void {
    this.#fail(error, exchange);
  }

  stopped(exchange: Exchange, error: BandstandError): void {
    if (this.#exchange === exchange) this.#refuse(error);
  }

  async #answerLater(later: Promise<HttpResponse>, exchange: Exchange): Promise<void> {
    try {
      this.#answer(await later, exchange);
    } catch (error) {
      this.#fail(error, exchange);
    }
  }

  #answer(whole: HttpResponse, exchange: Exchange): void {
    const head = this.#head;
    if (this.#exchange !== exchange || head === undefined) {
      if (isStream(whole.body)) whole.body.cancel();
      return;
    }
    const close = !head.keepAlive || this.#owner.draining || this.#intake.bodyDue || this.#clientEnded;
    if (draftResponse(whole, head, close) || draftAnswer(whole, head, close, exchange.ended)) {
      this.#intake.noTunnel();
      this.#wire.draft(draft);
      return this.#finish(close, exchange.ended);
    }
    if (exchange.ended !== undefined) turn.afterGuest(exchange.ended);
    const response = inPieces(whole);
    const { upgrade } = head;
    if (upgrade !== undefined && response.status === 101 && isStream(response.body)) {
      return this.#switchTo(upgrade, response.headers, response.body, exchange);
    }
    this.#intake.noTunnel();
    const { text, framing, body } = this.#writeHead(response, head, close);
    this.headOut = true;
    if (framing === "whole" || framing === "none") {
      if (isStream(body)) body.cancel();
      sendWhole(this.#wire, text, framing === "none" ? undefined : (body as string | Uint8Array | undefined));
      return this.#finish(close, exchange.ended);
    }
    this.#intake.answerBegun();
    this.#send(text, body as BodyStream, framing, close, exchange);
  }

  /** The body flows where it can. */
  #send(text: string, body: BodyStream, framing: ResponseFraming, close: boolean, exchange: Exchange): void {
    this.#sending = body;
    const flow = new Flow(this.#socket, this.#wire, text, body, framing === "chunked", {
      stalled: (stalled) => this.#stalled(stalled),
      done: () => this.#sent(close || framing === "close", exchange),
      failed: (error) => this.#fail(error, exchange),
    });
    if (flow.begin()) return;
    this.#wire.text(text);
    void this.#stream(body, framing, close, exchange);
  }

  #stalled(stalled: boolean): void {
    const intake = this.#intake;
    const moving = this.#clientEnded && intake.state !== "tunnel" ? after(halfClosed) : Number.POSITIVE_INFINITY;
    intake.deadline = stalled ? after(this.#owner.limits.stallTimeout) : moving;
    if (stalled) this.#hold(waitingBehind);
    else this.#owner.untaken.release(this);
  }

  #sent(close: boolean, exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#sending = undefined;
    this.#finish(close);
  }

  /** From here on the connection carries bytes of another protocol, until either side ends it. */
  #switchTo(protocol: string, headers: RawHeaders, body: BodyStream, exchange: Exchange): void {
    this.headOut = true;
    this.#wire.text(writeInformationalHead(101, headers, protocol));
    this.#intake.openTunnel();
    if (this.#clientEnded) this.#intake.end();
    void this.#stream(body, "close", true, exchange);
  }

  async #stream(body: BodyStream, framing: ResponseFraming, close: boolean, exchange: Exchange): Promise<void> {
    this.#sending = body;
    try {
      const stalled = (stalls: boolean): void => this.#stalled(stalls);
      await sendStream(this.#socket, this.#wire, body, framing === "chunked", stalled);
      this.#sent(close || framing === "close", exchange);
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
      const instead = this.#owner.refuse(asError(error), this.#exchange ?? this.#newExchange(), request);
      return { ...writeResponseHead(instead, request, close), body: instead.body };
    }
  }

  #finish(close: boolean, now = performance.now()): void {
    this.#exchange = undefined;
    this.#head = undefined;
    this.headOut = false;
    if (close) return this.#linger();
    if (this.#socket.writableNeedDrain) this.#whenTaken();
    else this.#next(now);
  }

  /** Who does not take responses gets no more of them: they would pile up here. */
  #whenTaken(): void {
    this.#untaken = true;
    this.#intake.deadline = after(this.#owner.limits.stallTimeout);
    this.#hold(0);
    this.#socket.once("drain", () => {
      this.#untaken = false;
      this.#owner.untaken.release(this);
      if (this.#intake.state !== "busy") return;
      if (this.#owner.draining) this.#linger();
      else this.#next(performance.now());
    });
  }

  #next(now: number): void {
    this.#intake.next(now);
    if (!this.#intake.waiting) return;
    // Not in this stack: a client with a thousand pipelined requests would nest as deep.
    nextTurn(() => {
      if (this.idle && this.#intake.waiting) this.#onData(empty);
    });
  }

  /** The handler or its body failed; a failure after the exchange ended otherwise is nobody's any more. */
  #fail(error: unknown, exchange: Exchange): void {
    if (this.#exchange === exchange) this.#refuse(asError(error), undefined, false);
  }

  /** Ends the connection with the answer for an error, or with a reset: nobody may take a part for the whole. `unread` came of no request yet. */
  #refuse(error: BandstandError, unread?: Buffer, handled = this.#exchange !== undefined): void {
    const exchange = this.#exchange;
    const head = this.#head;
    this.#giveUp(error);
    if (exchange !== undefined) this.#owner.broke(error);
    if (this.headOut) return this.#reset();
    const asked = exchange === undefined ? unread && askedIn(unread) : head;
    const answer = this.#owner.refuse(error, exchange ?? this.#newExchange(), asked, handled);
    const { text } = writeResponseHead(answer, { method: "GET", old: false }, true);
    sendWhole(this.#wire, text, answer.body);
    this.#linger();
  }

  /** Of a request, or of what did not become one. */
  #newExchange(): Exchange {
    return new Exchange(this.#whence.remoteAddress, performance.now(), this.#servername);
  }

  /** TLS has no reset of its own: without its closing message the client knows as well. */
  #reset(): void {
    if (this.#whence.scheme === "https") this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Our side ends; what the client still sends is dropped for a while, so that it can read the response. */
  #linger(): void {
    this.#intake.close();
    const lingers = (): void => void (this.#intake.deadline = after(lingering));
    // A slow client takes the end of the response first.
    if (this.#socket.writableLength > 0) {
      this.#intake.deadline = after(this.#owner.limits.stallTimeout);
      this.#hold(0);
      this.#socket.once("finish", lingers);
    } else lingers();
    this.#socket.end();
    if (this.#clientEnded) this.#socket.destroySoon();
  }

  /**
   * The client sends no more. Nearly always it left, which a half-close cannot be told from before a write
   * fails; so what works for it goes on for a moment only.
   */
  readonly #onEnd = (): void => {
    this.#clientEnded = true;
    const { state } = this.#intake;
    if (state !== "busy" && state !== "tunnel") return this.#socket.destroySoon();
    if (this.#intake.bodyDue) {
      if (!this.headOut) return this.#refuse(incomplete());
      this.#exchange?.broke(incomplete());
    }
    this.#intake.end();
    if (state === "busy") this.#intake.deadline = after(halfClosed);
  };

  /** What was written waits for the client, and so many bytes behind it. */
  #hold(bytes: number): void {
    this.#owner.untaken.hold(this, this.#socket.writableLength + bytes);
  }

  giveUp(reason: BandstandError): void {
    if (this.#exchange === undefined) this.destroy();
    else this.#refuse(reason);
  }

  readonly #onClose = (): void => {
    this.#owner.untaken.release(this);
    // Most connections end between requests: an error, with its stack, is made where there is somebody to tell.
    if (this.#exchange === undefined && this.#sending === undefined && !this.#intake.arriving)
      this.#intake.state = "closing";
    else this.#giveUp(new BandstandError("client-gone", "the client closed the connection"));
    this.#socket.destroy();
    this.#owner.closed(this);
  };

  /** Tells everybody who works for the current request that it ended. */
  #giveUp(error: BandstandError): void {
    const exchange = this.#exchange;
    const sending = this.#sending;
    this.#exchange = undefined;
    this.#sending = undefined;
    // Whoever reads the body fails in this very stack.
    exchange?.broke(error);
    this.#intake.fail(error);
    sending?.cancel(error);
    exchange?.abort(error);
  }
}
