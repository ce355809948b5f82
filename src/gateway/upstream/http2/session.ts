import { performance } from "node:perf_hooks";
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type HttpResponse, type RawHeaders } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { withoutHopByHop } from "../../http1/hop-by-hop.ts";
import { mostInformational, type Informed, type Sent } from "../endpoint-client.ts";
import type { Holder, Place } from "../places/holder.ts";
import type { ReadAhead } from "../places/read-ahead.ts";
import { UploadPace } from "../places/upload-pace.ts";
import { secureOptions } from "../secure.ts";
import type { Http2Options } from "./client.ts";
import { requestHeaders, responseOf } from "./heads.ts";
import { sendBody } from "./send-body.ts";

/** What a backend that names no limit of its own gets at once; and with more a connection is no good choice. */
export const streamsAtOnce = 100;

/** What a client wants to know of its connections. */
export interface SessionOwner {
  /** For what the clients do not take. */
  readonly readAhead: ReadAhead;
  /** It takes no more requests. */
  onOver(): void;
  onBegin(place: Place): void;
  /** A stream ended. */
  onFree(place: Place): void;
}

/** One request, as far as others that wait for a stream are concerned. */
class StreamPlace implements Place {
  readonly holder: Holder | undefined;
  readonly abort: (reason: BandstandError) => void;
  answeredAt: number | undefined;
  /** The client is behind: what the backend sends is not read now. */
  pausedSince: number | undefined;
  /** How the request's body comes, once it is sent. */
  upload: UploadPace | undefined;

  constructor(holder: Holder | undefined, abort: (reason: BandstandError) => void) {
    this.holder = holder;
    this.abort = abort;
  }

  stalledSince(now: number): number | undefined {
    return this.answeredAt === undefined ? this.upload?.stalledSince(now) : this.pausedSince;
  }
}

/** One HTTP/2 connection to a backend. */
export class Session {
  readonly #name: string;
  readonly #scheme: "http" | "https";
  readonly #session: ClientHttp2Session;
  readonly #owner: SessionOwner;
  #connected = false;
  #over = false;
  #failure: unknown;
  streams = 0;
  /** Of those, such whose clients are behind. */
  paused = 0;

  constructor(host: string, port: number, { connectTimeout, idleTimeout, tls }: Http2Options, owner: SessionOwner) {
    this.#owner = owner;
    this.#name = `${host}:${port}`;
    this.#scheme = tls === undefined ? "http" : "https";
    const authority = `${this.#scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    const settings = { enablePush: false, initialWindowSize: 256 * 1024 };
    // Two lines of a client's Content-Type are for the backend to judge, as they are by HTTP/1.1; the types lack it.
    const lenient = { strictSingleValueFields: false };
    const session = connect(authority, { settings, ...lenient, ...(tls && secureOptions(tls, "h2")) });
    const timer = setTimeout(
      () => session.destroy(new Error(`no connection within ${connectTimeout} ms`)),
      connectTimeout,
    );
    const over = (): void => {
      clearTimeout(timer);
      this.#over = true;
      owner.onOver();
    };
    session.once("connect", () => {
      clearTimeout(timer);
      this.#connected = true;
    });
    // Each request that waits for the connection listens to it.
    session.setMaxListeners(0);
    session.on("error", (error) => (this.#failure = error));
    // Streams that it still serves end; new ones go elsewhere.
    session.on("goaway", over);
    session.on("close", over);
    session.setTimeout(idleTimeout, () => {
      if (this.streams === 0) session.close();
    });
    this.#session = session;
  }

  /** It may take another request. */
  get free(): boolean {
    const allowed = this.#session.remoteSettings?.maxConcurrentStreams ?? streamsAtOnce;
    return !this.#over && !this.#session.closed && !this.#session.destroyed && this.streams < allowed;
  }

  send(request: HttpRequest, informed: Informed | undefined): Sent {
    const { body } = request;
    const headers = requestHeaders(request, this.#scheme);
    let stream: ClientHttp2Stream;
    try {
      const options = { endStream: body === undefined, waitForTrailers: isStream(body) };
      stream = this.#session.request(headers as never, options);
    } catch (error) {
      const failed = new BandstandError("backend-unreachable", `${this.#name}: ${messageOf(error)}`, { cause: error });
      return { response: Promise.reject(failed), abort: () => {} };
    }
    this.streams++;
    this.#session.ref();
    let aborted: BandstandError | undefined;
    const abort = (reason: BandstandError): void => {
      aborted ??= reason;
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const place = new StreamPlace(informed?.holder, abort);
    this.#owner.onBegin(place);
    const response = new Promise<HttpResponse>((resolve, reject) => {
      const queue = this.#receive(stream, request.method, informed, place, resolve);
      stream.on("close", () => {
        this.streams--;
        this.#pause(place, false);
        if (stream.rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM && aborted === undefined) this.#calm();
        this.#owner.onFree(place);
        if (this.streams === 0 && !this.#session.destroyed) this.#session.unref();
        const error = aborted ?? this.#broken(stream, queue.begun, isStream(body));
        if (isStream(body) && error.code !== "backend-unreachable") body.cancel(error);
        queue.body.fail(error);
        reject(error);
      });
    });
    this.#sendBody(stream, body, place);
    return { response, abort };
  }

  /** No new requests; what is under way ends. */
  drain(): void {
    this.#over = true;
    this.#session.close();
  }

  /** A backend that wants calm refuses all that comes on this connection, as long as what is under way does not end. */
  #calm(): void {
    if (this.#over) return;
    this.drain();
    this.#owner.onOver();
  }

  #pause(place: StreamPlace, paused: boolean): void {
    if ((place.pausedSince !== undefined) === paused) return;
    place.pausedSince = paused ? performance.now() : undefined;
    this.paused += paused ? 1 : -1;
  }

  #sendBody(stream: ClientHttp2Stream, body: HttpRequest["body"], place: StreamPlace): void {
    if (body === undefined) return;
    if (!isStream(body)) return void stream.end(typeof body === "string" ? Buffer.from(body, "latin1") : body);
    const begin = (): void => {
      place.upload = new UploadPace(performance.now());
      sendBody(stream, body, place.upload).catch((error: unknown) => {
        body.cancel(error);
        stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      });
    };
    // Untouched until there is a connection, so that it can still go elsewhere.
    if (this.#connected) begin();
    else this.#session.once("connect", begin);
  }

  #receive(
    stream: ClientHttp2Stream,
    method: string,
    informed: Informed | undefined,
    place: StreamPlace,
    resolve: (response: HttpResponse) => void,
  ): { body: BodyQueue; readonly begun: boolean } {
    let begun = false;
    let trailers: RawHeaders | undefined;
    let body = new BodyQueue({});
    stream.on("error", () => {});
    let informational = 0;
    stream.on("headers", (fields) => {
      if (++informational > mostInformational) {
        return place.abort(new BandstandError("backend-broken", `${this.#name}: it informs without end`));
      }
      const { status, headers } = responseOf(fields);
      if (status > 101) informed?.inform?.(status, headers);
    });
    stream.on("response", (fields) => {
      begun = true;
      place.answeredAt = performance.now();
      const { status, headers: all, length } = responseOf(fields);
      const headers = withoutHopByHop(all);
      if (method === "HEAD" || status === 204 || status === 304) {
        stream.resume();
        return resolve({ status, headers, body: undefined });
      }
      body = new BodyQueue({
        length,
        spare: this.#owner.readAhead.for(length),
        onRoom: () => {
          this.#pause(place, false);
          stream.resume();
        },
        onCancel: () => stream.close(constants.NGHTTP2_CANCEL),
      });
      resolve({ status, headers, body });
    });
    stream.on("trailers", (fields) => (trailers = responseOf(fields).headers));
    stream.on("data", (chunk: Buffer) => {
      if (body.push(chunk)) return;
      this.#pause(place, true);
      stream.pause();
    });
    stream.on("end", () => body.end(trailers));
    return {
      get body() {
        return body;
      },
      get begun() {
        return begun;
      },
    };
  }

  /** How far it got decides who may try again. */
  #broken(stream: ClientHttp2Stream, begun: boolean, streamed: boolean): BandstandError {
    const why = this.#failure === undefined ? `the stream ended with code ${stream.rstCode}` : messageOf(this.#failure);
    const message = `${this.#name}: ${why}`;
    // Nothing was done of it (RFC 9113, section 8.7); but a stream that was read cannot be sent again.
    const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && !streamed;
    // What it answered is none, or what we asked is none to it: neither is another the next time.
    const unreadable = stream.rstCode === constants.NGHTTP2_PROTOCOL_ERROR && this.#failure === undefined;
    const broken = begun || unreadable;
    const code = !this.#connected || refused ? "backend-unreachable" : broken ? "backend-broken" : "backend-reset";
    return new BandstandError(code, message, { cause: this.#failure });
  }
}
