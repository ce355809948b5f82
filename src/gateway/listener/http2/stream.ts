import { performance } from "node:perf_hooks";
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { BandstandError } from "../../../foundation/errors/index.ts";
import {
  isStream,
  type Body,
  type BodyStream,
  type HttpRequest,
  type HttpResponse,
  type RawHeaders,
} from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { informationalFields, trailerFields } from "../../http2/fields.ts";
import type { ConnectionOwner } from "../http1/owner.ts";
import type { Asked } from "../asked.ts";
import { asError } from "../as-error.ts";
import { BodyPace, tooSlow } from "../body-pace.ts";
import { Exchange, type AnswerTaker, type Informant } from "../exchange.ts";
import { waitingBehind, type Held, type Holding } from "../untaken.ts";
import { readStreamHead, type StreamHead } from "./head.ts";
import { streamHeaders } from "./response.ts";

/** What a connection knows for all of its streams. */
export interface Peer {
  remoteAddress: string;
  scheme: "http" | "https";
  servername: string | undefined;
}

function ignored(): void {}

/** Answers that became complete in this turn. */
const complete: StreamExchange[] = [];

/** A timer for each that is out with its turn would be most of what we add to a stream. */
function finished(exchange: StreamExchange): void {
  if (complete.push(exchange) === 1) setImmediate(() => complete.splice(0).forEach((one) => one.settle()));
}

/** One stream of an HTTP/2 connection: one request and its response. */
export class StreamExchange implements Informant, AnswerTaker, Holding {
  held: Held | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #owner: Pick<ConnectionOwner, "handle" | "refuse" | "broke" | "limits" | "bodyRate" | "untaken">;
  readonly #exchange: Exchange;
  readonly #peer: Peer;
  readonly #raw: readonly string[];
  #trailers: RawHeaders | undefined;
  #head: StreamHead | undefined;
  #body: BodyQueue | undefined;
  /** How fast the body comes, where its length is known: others may be talks, that pause. */
  #pace: BodyPace | undefined;
  #sending: BodyStream | undefined;
  #patience: NodeJS.Timeout | undefined;
  #done = false;

  /** @param closed is told when the stream is, and by what code. */
  constructor(
    stream: ServerHttp2Stream,
    owner: ConnectionOwner,
    connection: ServerHttp2Session,
    peer: Peer,
    raw: readonly string[],
    closed: (code: number | undefined) => void,
  ) {
    this.#stream = stream;
    this.#peer = peer;
    this.#raw = raw;
    this.#owner = owner;
    this.#exchange = new Exchange(peer.remoteAddress, performance.now(), peer.servername);
    this.#exchange.version = "2";
    this.#exchange.informant = this;
    this.#exchange.taker = this;
    this.#exchange.connection = connection;
    stream.on("error", ignored);
    // Once: what node:http2 keeps of a stream until the next large collection shall not keep all of this too.
    stream.once("close", () => {
      closed(stream.rstCode);
      if (this.#done && this.#sending === undefined && this.#body === undefined) this.#release();
      else this.#end(new BandstandError("client-gone", "the client reset the stream"));
    });
    if (stream.endAfterHeaders) return;
    // They may come before the request is looked at.
    stream.on("trailers", (fields) => {
      const entries = Object.entries(fields);
      this.#trailers = entries.flatMap(([name, value]) => [value ?? []].flat().flatMap((one) => [name, one]));
    });
  }

  /** Reads the request, has it handled, and answers; nothing where it was taken back meanwhile. */
  run(): void {
    if (this.#done || this.#stream.closed || this.#stream.destroyed) return;
    const raw = this.#raw;
    const { scheme } = this.#peer;
    try {
      if (raw.length / 2 > this.#owner.limits.headers) {
        throw new BandstandError("headers-too-large", "the request has too many headers");
      }
      const head = readStreamHead(raw);
      this.#head = head;
      const { method, target, authority, headers } = head;
      const request: HttpRequest = { method, scheme, authority, target, headers, body: this.#receive(head) };
      if (head.upgrade !== undefined) {
        request.upgrade = { protocol: head.upgrade, stream: request.body as BodyStream };
        request.body = undefined;
      }
      const response = this.#owner.handle(request, this.#exchange);
      if (response instanceof Promise) void this.#answerLater(response);
      else if (response !== undefined) this.#answer(response);
    } catch (error) {
      this.#refuse(asError(error));
    }
  }

  inform(_exchange: Exchange, status: number, headers: RawHeaders): void {
    if (this.#done || this.#stream.destroyed || this.#stream.headersSent) return;
    this.#stream.additionalHeaders({ ":status": status, ...informationalFields(headers) });
  }

  #receive({ length, expectsContinue, upgrade }: StreamHead): Body {
    const stream = this.#stream;
    // A tunnel is one in both directions, also where the client has nothing to say.
    if (stream.endAfterHeaders && upgrade === undefined) return undefined;
    let continues = expectsContinue;
    const paced = length !== undefined && upgrade === undefined && this.#owner.bodyRate > 0;
    const pace = (now: number): BodyPace | undefined => {
      if (paced) this.#pace ??= new BodyPace(this.#owner.bodyRate, this.#owner.limits.bodyGrace, now);
      return this.#pace;
    };
    const body = new BodyQueue({
      length,
      onRoom: () => {
        this.#pace?.resume(performance.now());
        stream.resume();
      },
      onCancel: () => stream.resume(),
      onWait: () => {
        if (continues && !stream.headersSent && !stream.destroyed) stream.additionalHeaders({ ":status": 100 });
        continues = false;
        pace(performance.now());
        this.#wait();
      },
    });
    if (stream.readableEnded || stream.endAfterHeaders) {
      // With the head, or with an empty frame behind it: the end was said before anybody asked.
      body.end(this.#trailers);
      return body;
    }
    this.#body = body;
    stream.on("data", (chunk: Buffer) => {
      clearTimeout(this.#patience);
      const now = performance.now();
      pace(now)?.took(chunk.length, now);
      if (body.push(chunk)) return;
      stream.pause();
      this.#pace?.pause(now);
    });
    stream.on("end", () => {
      clearTimeout(this.#patience);
      this.#body = undefined;
      body.end(this.#trailers);
    });
    return body;
  }

  answered(_exchange: Exchange, response: HttpResponse): void {
    try {
      this.#answer(response);
    } catch (error) {
      this.#refuse(asError(error));
    }
  }

  failed(_exchange: Exchange, error: unknown): void {
    this.#refuse(asError(error));
  }

  stopped(_exchange: Exchange, error: BandstandError): void {
    this.#refuse(error, true);
  }

  async #answerLater(later: Promise<HttpResponse>): Promise<void> {
    try {
      this.#answer(await later);
    } catch (error) {
      this.#refuse(asError(error));
    }
  }

  #answer(response: HttpResponse): void {
    const { body } = response;
    const head = this.#head;
    if (head === undefined || this.#done || this.#stream.destroyed) {
      if (isStream(body)) body.cancel();
      return;
    }
    // The extended CONNECT's answer is 200 where HTTP/1.1 has 101.
    const switched = head.upgrade !== undefined && response.status === 101;
    const status = switched ? 200 : response.status;
    const none = head.method === "HEAD" || status === 204 || status === 304;
    const headers = streamHeaders({ status, headers: response.headers, body }, none && status !== 204, switched);
    if (none || body === undefined) {
      if (isStream(body)) body.cancel();
      this.#stream.respond(headers, { endStream: true });
      return this.#finish();
    }
    if (!isStream(body)) {
      this.#stream.respond(headers);
      if (typeof body === "string") this.#stream.end(body, "latin1");
      else this.#stream.end(body);
      return this.#finish();
    }
    this.#sending = body;
    this.#stream.respond(headers, { waitForTrailers: true });
    this.#stream.once("wantTrailers", () => {
      this.#stream.sendTrailers(trailerFields(body.trailers));
    });
    void this.#send(body);
  }

  async #send(body: BodyStream): Promise<void> {
    const stream = this.#stream;
    let left = body.length;
    try {
      for (let piece = await body.read(); piece !== undefined; piece = await body.read()) {
        if (stream.destroyed) return body.cancel();
        if (left !== undefined && (left -= piece.length) < 0) throw wrongLength("longer");
        if (!stream.write(piece)) await this.#drained();
      }
      if (left !== undefined && left > 0) throw wrongLength("shorter");
      this.#sending = undefined;
      stream.end();
      this.#finish();
    } catch (error) {
      this.#reset(asError(error));
    }
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed || !stream.writableNeedDrain) return Promise.resolve();
    this.#wait();
    this.#owner.untaken.hold(this, stream.writableLength + waitingBehind);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(this.#patience);
        this.#owner.untaken.release(this);
        stream.off("drain", done).off("close", done);
        resolve();
      };
      stream.on("drain", done).on("close", done);
    });
  }

  /** The client sends or takes nothing: not for ever. */
  #wait(): void {
    clearTimeout(this.#patience);
    const { stallTimeout } = this.#owner.limits;
    // Who got the head of an answer talks both ways, and sends when there is something to say.
    const pace = this.#stream.headersSent ? undefined : this.#pace;
    const left = pace === undefined ? stallTimeout : Math.max(0, pace.end - performance.now());
    const late = (): void => {
      if (left >= stallTimeout) return this.#refuse(tooSlow(undefined), true);
      if (this.#stream.headersSent) return this.#wait();
      this.#refuse(tooSlow(pace?.rate), true);
    };
    this.#patience = setTimeout(late, Math.min(stallTimeout, left));
  }

  /** The answer is out or on its way. A body that nobody read is not read any more. */
  #finish(): void {
    this.#done = true;
    clearTimeout(this.#patience);
    this.#body?.cancel();
    this.#closeUnread();
    finished(this);
  }

  /** The turn in which the answer was complete is over: nearly always it is out. */
  settle(): void {
    const stream = this.#stream;
    // A timer of a closed stream would hold it until it ends: nobody clears it any more.
    if (stream.destroyed || stream.closed) return;
    // What is still on its way is not held for ever for a client that takes nothing.
    if (!stream.writableFinished) this.#owner.untaken.hold(this, stream.writableLength);
    stream.setTimeout(this.#owner.limits.stallTimeout, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  }

  /** What is left of a request that has its answer is not needed any more (RFC 9113, section 8.1). */
  #closeUnread(): void {
    const stream = this.#stream;
    if (this.#body === undefined || stream.readableEnded) return;
    stream.resume();
    const close = (): void => stream.close(constants.NGHTTP2_NO_ERROR);
    if (stream.writableFinished) close();
    else stream.once("finish", close);
  }

  #refuse(error: BandstandError, handled = false): void {
    if (this.#done) return;
    if (this.#stream.headersSent || this.#stream.destroyed) return this.#reset(error);
    const answer = this.#owner.refuse(error, this.#exchange, this.#asked, handled);
    this.#end(error);
    if (error.code !== "client-gone") this.#owner.broke(error);
    this.#stream.respond(streamHeaders(answer, false, false));
    this.#stream.end(answer.body);
    this.#closeUnread();
  }

  get #asked(): Asked {
    const raw = this.#raw;
    const given = (name: string): string => {
      const at = raw.findIndex((each, index) => index % 2 === 0 && each === name);
      return at === -1 ? "" : (raw[at + 1] ?? "");
    };
    return this.#head ?? { method: given(":method"), authority: given(":authority"), target: given(":path") };
  }

  /** The head is out: nobody may take a part for the whole. */
  #reset(error: BandstandError): void {
    if (this.#done) return;
    this.#owner.broke(error);
    this.#end(error);
    const calm = error.code === "client-stalled";
    this.#stream.close(calm ? constants.NGHTTP2_ENHANCE_YOUR_CALM : constants.NGHTTP2_INTERNAL_ERROR);
  }

  giveUp(reason: BandstandError): void {
    if (this.#done) this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else this.#refuse(reason, true);
  }

  #release(): void {
    clearTimeout(this.#patience);
    this.#owner.untaken.release(this);
  }

  /** Tells everybody who works for the request that it ended. */
  #end(error: BandstandError): void {
    this.#release();
    this.#sending?.cancel(error);
    this.#body?.fail(error);
    if (this.#done) return;
    this.#done = true;
    this.#exchange.abort(error);
  }
}

function wrongLength(how: string): BandstandError {
  return new BandstandError("backend-broken", `the response's body is ${how} than its content-length`);
}
