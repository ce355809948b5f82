import { connect, type Socket } from "node:net";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import type { BodyStream, HttpRequest, HttpResponse, RawHeaders, Upgrade } from "../../../foundation/http/index.ts";
import { headerValue } from "../../match/index.ts";
import { ChunkedDecoder } from "../../http1/chunked.ts";
import { lastChunk, Malformed, parseTrailers } from "../../http1/fields.ts";
import type { Informed } from "../endpoint-client.ts";
import { parseHead, type ResponseHead } from "./head.ts";
import { writeHead } from "./request.ts";

const maximumHead = 64 * 1024;
/** Bodies up to this size that arrive with their head are handed on whole. */
const wholeBody = 16 * 1024;

/**
 * All connections of a thread read into this one buffer: every byte that is kept is copied before the
 * callback returns, so that 10,000 idle connections hold no buffers.
 */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** What a pool wants to know of its connections. */
export interface ConnectionOwner {
  /** The exchange ended cleanly and the connection may take another. */
  idle(connection: Connection): void;
  closed(connection: Connection): void;
  /** It carries another protocol now and does not come back. */
  switched(connection: Connection): void;
}

/** One request on its way: what `Connection` keeps of it. */
interface Exchange {
  method: string;
  resolve(response: HttpResponse): void;
  reject(error: BandstandError): void;
  head: ResponseHead | undefined;
  body: BodyQueue | undefined;
  /** Bytes of a body by content-length that are still due. */
  left: number;
  decoder: ChunkedDecoder | undefined;
  requestSent: boolean;
  requestBody: BodyStream | undefined;
  upgrade: Upgrade | undefined;
  informed: Informed | undefined;
  bytesSeen: boolean;
}

/** One HTTP/1.1 connection to a backend; carries one request at a time. */
export class Connection {
  /** Requests finished on it; a fresh connection's failure is worth more than a reused one's. */
  served = 0;
  idleSince = 0;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  #partial: Buffer | undefined;
  #exchange: Exchange | undefined;
  #dead = false;
  #connected = false;
  #connectTimer: NodeJS.Timeout | undefined;
  /** Waits for the connection: a body that was not touched can still go elsewhere. */
  #sendWaiting: (() => void) | undefined;

  /** @param connectTimeout milliseconds. */
  constructor(host: string, port: number, owner: ConnectionOwner, connectTimeout: number) {
    this.#owner = owner;
    const onread = { buffer: shared, callback: (size: number): boolean => this.#onRead(size) };
    this.#socket = connect({ host, port, noDelay: true, onread } as Parameters<typeof connect>[0] & object);
    this.#connectTimer = setTimeout(() => {
      this.#fail(
        new BandstandError("backend-unreachable", `${host}:${port} took no connection within ${connectTimeout} ms`),
      );
    }, connectTimeout);
    this.#socket.once("connect", () => {
      this.#connected = true;
      clearTimeout(this.#connectTimer);
      this.#sendWaiting?.();
    });
    this.#socket.on("error", (error) => this.#lost(`${host}:${port}: ${messageOf(error)}`, error));
    this.#socket.on("end", () => this.#onEnd());
    this.#socket.on("close", () => this.#lost(`${host}:${port} closed the connection`));
  }

  /** True until it failed or closed; an idle one may have died unseen by anybody. */
  get alive(): boolean {
    return !this.#dead;
  }

  /**
   * Sends one request. The promise settles with the response's head (and its body, where that came along).
   * Rejects with `backend-unreachable` (nothing was sent, the body is untouched), `backend-reset` (it may have been
   * acted on, but no answer began) or `backend-broken` (what came is no answer).
   */
  send(request: HttpRequest, informed?: Informed): Promise<HttpResponse> {
    const { head, framing } = writeHead(request);
    return new Promise((resolve, reject) => {
      const requestBody =
        framing.type === "length" || framing.type === "chunked" ? (request.body as BodyStream) : undefined;
      this.#exchange = {
        method: request.method,
        resolve,
        reject,
        head: undefined,
        body: undefined,
        left: 0,
        decoder: undefined,
        requestSent: requestBody === undefined,
        requestBody,
        upgrade: request.upgrade,
        informed,
        bytesSeen: false,
      };
      if (framing.type === "whole" && typeof request.body === "string")
        this.#socket.write(head + request.body, "latin1");
      else {
        this.#socket.write(head, "latin1");
        if (framing.type === "whole") this.#socket.write(request.body as Uint8Array);
      }
      if (requestBody !== undefined) {
        const exchange = this.#exchange;
        this.#sendWaiting = () => {
          this.#sendWaiting = undefined;
          this.#sendBody(exchange, requestBody).catch((error: unknown) => {
            requestBody.cancel(error);
            this.#fail(asBandstandError(error));
          });
        };
        if (this.#connected) this.#sendWaiting();
      }
    });
  }

  /** Gives the exchange up: its response rejects or its body breaks with this reason. */
  abort(reason: BandstandError): void {
    this.#fail(reason);
  }

  async #sendBody(exchange: Exchange, body: BodyStream): Promise<void> {
    const chunked = body.length === undefined;
    let left = body.length ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const next = body.read();
      const piece = next instanceof Promise ? await next : next;
      if (this.#dead || this.#exchange !== exchange) return body.cancel();
      if (piece === undefined) break;
      left -= piece.length;
      if (left < 0)
        throw new BandstandError("request-malformed", "the request's body is longer than its content-length");
      if (chunked) this.#socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
      let room = this.#socket.write(piece);
      if (chunked) room = this.#socket.write("\r\n", "latin1");
      if (!room) await this.#drained();
    }
    if (!chunked && left > 0)
      throw new BandstandError("request-malformed", "the request's body is shorter than its content-length");
    if (chunked) this.#socket.write(lastChunk(body.trailers), "latin1");
    exchange.requestSent = true;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done).off("close", done);
        resolve();
      };
      this.#socket.on("drain", done).on("close", done);
    });
  }

  #onRead(size: number): boolean {
    const chunk = shared.subarray(0, size);
    try {
      if (this.#exchange === undefined) throw new Malformed("it sent bytes that nobody asked for");
      return this.#take(this.#exchange, chunk);
    } catch (error) {
      this.#fail(asBandstandError(error));
      return true;
    }
  }

  #take(exchange: Exchange, chunk: Buffer): boolean {
    exchange.bytesSeen = true;
    let input = chunk;
    while (exchange.head === undefined) {
      const whole = this.#partial === undefined ? input : Buffer.concat([this.#partial, input]);
      const end = whole.indexOf("\r\n\r\n");
      if (end === -1) {
        if (whole.length > maximumHead) throw new Malformed(`its head is longer than ${maximumHead} bytes`);
        this.#partial = whole === input ? Buffer.from(input) : whole;
        return true;
      }
      if (end > maximumHead) throw new Malformed(`its head is longer than ${maximumHead} bytes`);
      this.#partial = undefined;
      input = whole.subarray(end + 4);
      const head = parseHead(whole.toString("latin1", 0, end), exchange.method);
      if (head.status === 101) return this.#switchTo(exchange, head, input);
      if (head.status >= 200) return this.#startBody(exchange, head, input);
      // 100 is for us, who sent the body at once.
      if (head.status > 101) exchange.informed?.inform?.(head.status, head.headers);
      if (input.length === 0) return true;
    }
    return this.#takeBody(exchange, input);
  }

  /** What comes from here on is the body of the 101, and what the client sends goes out as it is. */
  #switchTo(exchange: Exchange, head: ResponseHead, input: Buffer): boolean {
    const { upgrade } = exchange;
    if (upgrade === undefined) throw new Malformed("it switched protocols although nobody asked");
    const protocol = headerValue(head.headers, "upgrade");
    if (protocol?.toLowerCase() !== upgrade.protocol) throw new Malformed(`it switched to ${protocol ?? "nothing"}`);
    this.#owner.switched(this);
    exchange.requestBody = upgrade.stream;
    this.#sendRaw(exchange, upgrade.stream).catch((error: unknown) => this.#fail(asBandstandError(error)));
    return this.#startBody(exchange, { ...head, framing: { type: "close" }, reusable: false }, input);
  }

  async #sendRaw(exchange: Exchange, stream: BodyStream): Promise<void> {
    for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) {
      if (this.#dead || this.#exchange !== exchange) return stream.cancel();
      if (!this.#socket.write(piece)) await this.#drained();
    }
    this.#socket.end();
  }

  #startBody(exchange: Exchange, head: ResponseHead, input: Buffer): boolean {
    exchange.head = head;
    const { framing, status, headers } = head;
    const respond = (body: HttpResponse["body"]): void => exchange.resolve({ status, headers, body });
    if (framing.type === "none" || (framing.type === "length" && framing.length === 0)) {
      this.#expectNoMore(input, 0);
      respond(framing.type === "none" ? undefined : "");
      this.#finish();
      return true;
    }
    if (framing.type === "length" && framing.length <= wholeBody && input.length >= framing.length) {
      this.#expectNoMore(input, framing.length);
      respond(input.toString("latin1", 0, framing.length));
      this.#finish();
      return true;
    }
    exchange.left = framing.type === "length" ? framing.length : 0;
    exchange.decoder = framing.type === "chunked" ? new ChunkedDecoder() : undefined;
    const body = new BodyQueue({
      length: framing.type === "length" ? framing.length : undefined,
      onRoom: () => this.#socket.resume(),
      onCancel: () => this.#fail(new BandstandError("client-gone", "the response is not wanted any more")),
    });
    exchange.body = body;
    // All of it may have come already: then the exchange has let go of the body.
    const room = input.length > 0 ? this.#takeBody(exchange, input) : true;
    respond(body);
    return room;
  }

  #takeBody(exchange: Exchange, input: Buffer): boolean {
    const body = exchange.body;
    if (body === undefined) throw new Malformed("it goes on after its end");
    if (exchange.decoder !== undefined) {
      let room = true;
      const taken = exchange.decoder.decode(input, (piece) => (room = body.push(copy(piece))));
      if (exchange.decoder.done) {
        this.#expectNoMore(input, taken);
        this.#endBody(exchange, parseTrailers(exchange.decoder.trailers));
        return true;
      }
      return this.#pace(room);
    }
    if (exchange.head?.framing.type === "close") return this.#pace(body.push(copy(input)));
    this.#expectNoMore(input, Math.min(input.length, exchange.left));
    exchange.left -= input.length;
    const room = body.push(copy(input));
    if (exchange.left > 0) return this.#pace(room);
    this.#endBody(exchange);
    return true;
  }

  /** With `onread` a false answer alone does not stop the handle for good: pausing does. */
  #pace(room: boolean): boolean {
    if (!room) this.#socket.pause();
    return true;
  }

  #endBody(exchange: Exchange, trailers?: RawHeaders): void {
    const body = exchange.body;
    exchange.body = undefined;
    this.#finish();
    body?.end(trailers);
  }

  #expectNoMore(input: Buffer, taken: number): void {
    if (input.length > taken) throw new Malformed("it sent more than it announced");
  }

  /** The response is complete. The connection goes back, unless the request is still on its way or either side closes. */
  #finish(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    this.served++;
    if (exchange.head?.reusable === true && exchange.requestSent && !this.#dead) this.#owner.idle(this);
    else this.#end();
  }

  #onEnd(): void {
    const exchange = this.#exchange;
    if (exchange?.head?.framing.type === "close" && exchange.body !== undefined) this.#endBody(exchange);
    this.#lost("the backend closed the connection before its response was complete");
  }

  /** The connection ended by itself. How far the exchange was decides who may try again. */
  #lost(message: string, cause?: unknown): void {
    const begun = this.#exchange?.bytesSeen === true;
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
    exchange?.body?.fail(error);
    // Without effect where the response was handed on already: then its body broke above.
    exchange?.reject(error);
  }

  /** Closes an idle connection. */
  close(): void {
    this.#end();
  }

  /** An idle connection does not keep the process alive; one in use does. */
  ref(used: boolean): void {
    if (used) this.#socket.ref();
    else this.#socket.unref();
  }
}

function copy(piece: Uint8Array): Uint8Array {
  return Buffer.from(piece);
}

function asBandstandError(error: unknown): BandstandError {
  if (error instanceof BandstandError) return error;
  const why = error instanceof Malformed ? "the backend's response cannot be passed on" : "the exchange broke";
  return new BandstandError("backend-broken", `${why}: ${messageOf(error)}`, { cause: error });
}
