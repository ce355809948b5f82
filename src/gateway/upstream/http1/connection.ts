import { performance } from "node:perf_hooks";
import { connect, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import {
  Later,
  type Body,
  type BodyStream,
  type HttpRequest,
  type HttpResponse,
  type Pending,
} from "../../../foundation/http/index.ts";
import type { Lent } from "../../http1/head-lines.ts";
import { Malformed } from "../../http1/malformed.ts";
import { ReadRequest } from "../../http1/read-request.ts";
import { streamOf, type ReadResponse } from "../../http1/read-response.ts";
import { draft } from "../../wire/draft.ts";
import { readBelow } from "../../wire/read.ts";
import { wireOf, type Wire } from "../../wire/wire.ts";
import { settle, type Informed, type Rescue } from "../endpoint-client.ts";
import type { Holder, Place } from "../places/holder.ts";
import type { ReadAhead } from "../places/read-ahead.ts";
import { UploadPace } from "../places/upload-pace.ts";
import { keepReading } from "./keep-reading.ts";
import { draftHead, mayPass, writeHead } from "./request.ts";
import { ResponseReader, type ReaderOwner } from "./response-reader.ts";
import { sendBody, sendRaw } from "./send-body.ts";

/**
 * All connections of a thread read into this one buffer: every byte that is kept is copied before the
 * callback returns, so that 10,000 idle connections hold no buffers.
 */
const shared: Lent = { bytes: Buffer.allocUnsafeSlow(64 * 1024), turn: 0 };

/** Where a connection leads, and how. */
export interface Way {
  /** An address, or a name that is looked up for every connection. */
  host: string;
  port: number;
  /** Finds a name's addresses; without, the system does. */
  lookup?: LookupFunction | undefined;
  /** For TLS. */
  secure?: ConnectionOptions | undefined;
}

/** What a pool wants to know of its connections. */
export interface ConnectionOwner {
  /** For what clients do not take. */
  readonly readAhead: ReadAhead;
  /** The exchange ended cleanly and the connection may take another. */
  idle(connection: Connection): void;
  closed(connection: Connection): void;
  /** It carries another protocol now and does not come back. */
  switched(connection: Connection): void;
  /** A session of TLS that a next connection may go on with. */
  resumable?(session: Buffer): void;
}

/** One request on its way: what `Connection` keeps of it. */
class Exchange {
  readonly reader: ResponseReader;
  readonly answer: Later<HttpResponse>;
  readonly rescue: Rescue | undefined;
  readonly holder: Holder | undefined;
  /** Its head was handed on. */
  answered = false;
  /** When its head was handed on, by `performance.now()`. */
  answeredAt: number | undefined;
  requestSent: boolean;
  /** How the request's body comes, once it is sent. */
  upload: UploadPace | undefined;
  /** The connection ends with it. */
  readonly last: boolean;
  requestBody: BodyStream | undefined;

  constructor(
    reader: ResponseReader,
    answer: Later<HttpResponse>,
    rescue: Rescue | undefined,
    holder: Holder | undefined,
    last: boolean,
    requestBody: BodyStream | undefined,
  ) {
    this.reader = reader;
    this.answer = answer;
    this.rescue = rescue;
    this.holder = holder;
    this.last = last;
    this.requestBody = requestBody;
    this.requestSent = requestBody === undefined;
  }
}

/** One HTTP/1.1 connection to a backend; carries one request at a time. */
export class Connection implements ReaderOwner, Place {
  /** Requests finished on it. */
  served = 0;
  /** When the pool saw it idle first, which is not each time that it is; undefined: not yet. */
  idleSince: number | undefined = undefined;
  /** Milliseconds that the backend said it keeps it while it is idle; undefined: it did not say. */
  keptFor: number | undefined = undefined;
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly #secure: boolean;
  readonly #owner: ConnectionOwner;
  #exchange: Exchange | undefined;
  /** The client is behind: what the backend sends is not read now. */
  #pausedSince: number | undefined;
  #dead = false;
  #referenced = true;
  #connected = false;
  /** The backend takes no more; its answer may still come. */
  #unwritable = false;
  #connectTimer: NodeJS.Timeout | undefined;
  /** Waits for the connection: a body that was not touched can still go elsewhere. */
  #sendWaiting: (() => void) | undefined;

  /** @param connectTimeout milliseconds, looking the name up among them. */
  constructor({ host, port, lookup, secure }: Way, owner: ConnectionOwner, connectTimeout: number) {
    this.#owner = owner;
    this.#secure = secure !== undefined;
    const onread = { buffer: shared.bytes, callback: (size: number): boolean => this.#onRead(shared, size) };
    const where = { host, port, ...(lookup && { lookup }) };
    const plain = { ...where, noDelay: true, onread } as Parameters<typeof connect>[0] & object;
    this.#socket = secure === undefined ? connect(plain) : connectTls({ ...secure, ...where });
    // What is gone without a word is found out, also where a WebSocket says nothing for hours.
    this.#socket.setKeepAlive(true, 60_000);
    if (secure !== undefined)
      this.#socket
        .setNoDelay(true)
        .on("session", (session: Buffer) => owner.resumable?.(session))
        .on("data", (chunk: Buffer) => this.#onRead({ bytes: chunk, turn: 0 }, chunk.length));
    this.#wire = wireOf(this.#socket);
    this.#connectTimer = setTimeout(() => {
      this.#fail(
        new BandstandError("backend-unreachable", `${host}:${port} took no connection within ${connectTimeout} ms`),
      );
    }, connectTimeout);
    this.#socket.once(secure === undefined ? "connect" : "secureConnect", () => {
      this.#connected = true;
      clearTimeout(this.#connectTimer);
      if (secure === undefined) readBelow(this.#socket, (size) => this.#onRead(shared, size));
      const send = this.#sendWaiting;
      this.#sendWaiting = undefined;
      send?.();
    });
    keepReading(this.#socket, () => (this.#unwritable = true));
    this.#socket.on("error", (error) => this.#lost(`${host}:${port}: ${messageOf(error)}`, error));
    this.#socket.on("end", () => this.#onEnd(`${host}:${port}`));
    this.#socket.on("close", () => this.#lost(`${host}:${port} closed the connection`));
  }

  /** True until it failed or closed; an idle one may have died unseen by anybody. */
  get alive(): boolean {
    return !this.#dead;
  }

  get readAhead(): ReadAhead {
    return this.#owner.readAhead;
  }

  get holder(): Holder | undefined {
    return this.#exchange?.holder;
  }

  get answeredAt(): number | undefined {
    return this.#exchange?.answeredAt;
  }

  stalledSince(now: number): number | undefined {
    const exchange = this.#exchange;
    if (exchange === undefined) return undefined;
    // Who has an answer already talks both ways, and sends when there is something to say.
    return exchange.answeredAt === undefined ? exchange.upload?.stalledSince(now) : this.#pausedSince;
  }

  /**
   * Sends one request. The promise settles with the response's head (and its body, where that came along).
   * Rejects with `backend-unreachable` (nothing was sent, the body is untouched), `backend-reset` (it may have been
   * acted on, but no answer began) or `backend-broken` (what came is no answer). Throws `request-malformed`, unchanged.
   * @param rescue is asked before it rejects: here, a promise less for every request.
   */
  send(request: HttpRequest, informed?: Informed, rescue?: Rescue): Pending<HttpResponse> {
    const { body } = request;
    // Nothing goes to a backend before its certificate is found to be right: till then it is kept as text.
    const waits = this.#secure && !this.#connected;
    const passes = request instanceof ReadRequest && !waits && mayPass(request);
    const { head, framing, last } = passes ? draftHead(request) : writeHead(request);
    const answer = new Later<HttpResponse>();
    const requestBody = framing.type === "length" || framing.type === "chunked" ? (body as BodyStream) : undefined;
    const reader = new ResponseReader(request, informed, this);
    const exchange = new Exchange(reader, answer, rescue, informed?.holder, last, requestBody);
    this.#exchange = exchange;
    const begin = (): void => {
      if (this.#exchange === exchange) this.#begin(exchange, head, body);
    };
    if (waits) this.#sendWaiting = begin;
    else begin();
    return answer;
  }

  answered(response: ReadResponse): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.answered = true;
    // A whole one ends the exchange in a moment.
    if (streamOf(response) !== undefined) exchange.answeredAt = performance.now();
    exchange.answer.resolve(response);
  }

  /** @param head undefined: it is in the draft, with the body where that is a text. */
  #begin(exchange: Exchange, head: string | undefined, body: Body): void {
    if (head === undefined) this.#wire.draft(draft);
    else if (typeof body === "string") this.#wire.text(head + body);
    else if (body instanceof Uint8Array) this.#wire.both(head, body);
    else this.#wire.text(head);
    if (exchange.requestBody !== undefined) this.#sendWhenConnected(exchange, exchange.requestBody);
  }

  /** Gives the exchange up: its response rejects or its body breaks with this reason. */
  abort(reason: BandstandError): void {
    this.#fail(reason);
  }

  /** With `onread` a false answer alone does not stop the handle for good: pausing does. */
  pause(): void {
    this.#pausedSince ??= performance.now();
    this.#socket.pause();
  }

  resume(): void {
    this.#pausedSince = undefined;
    this.#socket.resume();
  }

  unwanted(): void {
    this.#fail(new BandstandError("client-gone", "the response is not wanted any more"));
  }

  switched(stream: BodyStream): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#owner.switched(this);
    exchange.requestBody = stream;
    const wanted = (): boolean => !this.#dead && this.#exchange === exchange;
    sendRaw(this.#socket, this.#wire, stream, wanted).catch((error: unknown) => this.#fail(asBandstandError(error)));
  }

  /** Closes an idle connection. */
  close(): void {
    this.#end();
  }

  /** An idle connection does not keep the process alive; one in use does. Nothing where it is so already. */
  ref(used: boolean): void {
    if (used === this.#referenced) return;
    this.#referenced = used;
    if (used) this.#socket.ref();
    else this.#socket.unref();
  }

  #sendWhenConnected(exchange: Exchange, body: BodyStream): void {
    const wanted = (): boolean => !this.#dead && !this.#unwritable && this.#exchange === exchange;
    // Not written where it is assigned: it would live among old objects, and keep all that it sees.
    const send = (): void => {
      this.#sendWaiting = undefined;
      exchange.upload = new UploadPace(performance.now());
      sendBody(this.#socket, this.#wire, body, wanted, exchange.upload).then(
        (all) => (exchange.requestSent = all),
        (error: unknown) => {
          body.cancel(error);
          this.#fail(asBandstandError(error));
        },
      );
    };
    if (this.#connected) send();
    else this.#sendWaiting = send;
  }

  #onRead(lent: Lent, length: number): boolean {
    const exchange = this.#exchange;
    lent.turn++;
    try {
      if (exchange === undefined) throw new Malformed("it sent bytes that nobody asked for");
      if (exchange.reader.take(lent, length)) this.#finish(exchange);
    } catch (error) {
      this.#fail(asBandstandError(error));
    }
    return true;
  }

  /** The response is complete. The connection goes back, unless the request is still on its way or either side closes. */
  #finish(exchange: Exchange): void {
    this.#exchange = undefined;
    this.#pausedSince = undefined;
    // A server says the same each time.
    if (this.served === 0) this.keptFor = exchange.reader.keptFor;
    this.served++;
    if (exchange.reader.reusable && exchange.requestSent && !exchange.last && !this.#dead) this.#owner.idle(this);
    else this.#end();
  }

  #onEnd(where: string): void {
    const exchange = this.#exchange;
    if (exchange?.reader.end() === true) this.#finish(exchange);
    this.#lost(`${where} closed the connection before its response was complete`);
  }

  /** The connection ended by itself. How far the exchange was decides who may try again. */
  #lost(message: string, error?: unknown): void {
    const cause = error ?? (this.#secure && !this.#connected ? noAgreement() : undefined);
    const begun = this.#exchange?.reader.begun === true;
    const code = !this.#connected ? "backend-unreachable" : begun ? "backend-broken" : "backend-reset";
    this.#fail(new BandstandError(code, message, cause === undefined ? {} : { cause }));
  }

  #end(): void {
    if (this.#dead) return;
    this.#dead = true;
    clearTimeout(this.#connectTimer);
    this.#socket.destroy();
    this.#owner.closed(this);
  }

  #fail(error: BandstandError): void {
    if (this.#dead) return;
    const exchange = this.#exchange;
    const untouched = error.code === "backend-unreachable" && this.#sendWaiting !== undefined;
    this.#sendWaiting = undefined;
    this.#end();
    this.#exchange = undefined;
    if (!untouched) exchange?.requestBody?.cancel(error);
    exchange?.reader.fail(error);
    // Where the response was handed on already, its body broke above.
    if (exchange?.answered === false) settle(exchange.answer, error, exchange.rescue);
  }
}

function asBandstandError(error: unknown): BandstandError {
  if (error instanceof BandstandError) return error;
  const why = error instanceof Malformed ? "the backend's response cannot be passed on" : "the exchange broke";
  return new BandstandError("backend-broken", `${why}: ${messageOf(error)}`, { cause: error });
}

/** As OpenSSL would say it: whoever is there does not speak TLS, and went without a word. */
function noAgreement(): Error {
  return Object.assign(new Error("the connection was closed before TLS was agreed on"), { code: "EPROTO" });
}
