import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type HttpResponse, type RawHeaders } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { withoutHopByHop } from "../../http1/hop-by-hop.ts";
import type { Informed, Sent } from "../endpoint-client.ts";
import { secureOptions } from "../secure.ts";
import type { Http2Options } from "./client.ts";
import { requestHeaders, responseOf } from "./heads.ts";
import { sendBody } from "./send-body.ts";

/** What a backend that names no limit of its own gets at once. */
const streamsAtOnce = 100;

/** One HTTP/2 connection to a backend. */
export class Session {
  readonly #name: string;
  readonly #scheme: "http" | "https";
  readonly #session: ClientHttp2Session;
  #connected = false;
  #over = false;
  #failure: unknown;
  streams = 0;

  constructor(host: string, port: number, { connectTimeout, idleTimeout, tls }: Http2Options, onOver: () => void) {
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
      onOver();
    };
    session.once("connect", () => {
      clearTimeout(timer);
      this.#connected = true;
    });
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
    const response = new Promise<HttpResponse>((resolve, reject) => {
      const queue = this.#receive(stream, request.method, informed, resolve);
      stream.on("close", () => {
        this.streams--;
        if (this.streams === 0 && !this.#session.destroyed) this.#session.unref();
        const error = aborted ?? this.#broken(stream, queue.begun, isStream(body));
        if (isStream(body) && error.code !== "backend-unreachable") body.cancel(error);
        queue.body.fail(error);
        reject(error);
      });
    });
    this.#sendBody(stream, body);
    return { response, abort };
  }

  /** No new requests; what is under way ends. */
  drain(): void {
    this.#over = true;
    this.#session.close();
  }

  #sendBody(stream: ClientHttp2Stream, body: HttpRequest["body"]): void {
    if (body === undefined) return;
    if (!isStream(body)) return void stream.end(typeof body === "string" ? Buffer.from(body, "latin1") : body);
    const begin = (): void => {
      sendBody(stream, body).catch((error: unknown) => {
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
    resolve: (response: HttpResponse) => void,
  ): { body: BodyQueue; readonly begun: boolean } {
    let begun = false;
    let trailers: RawHeaders | undefined;
    let body = new BodyQueue({});
    stream.on("error", () => {});
    stream.on("headers", (fields) => {
      const { status, headers } = responseOf(fields);
      if (status > 101) informed?.inform?.(status, headers);
    });
    stream.on("response", (fields) => {
      begun = true;
      const { status, headers: all, length } = responseOf(fields);
      const headers = withoutHopByHop(all);
      if (method === "HEAD" || status === 204 || status === 304) {
        stream.resume();
        return resolve({ status, headers, body: undefined });
      }
      body = new BodyQueue({
        length,
        onRoom: () => stream.resume(),
        onCancel: () => stream.close(constants.NGHTTP2_CANCEL),
      });
      resolve({ status, headers, body });
    });
    stream.on("trailers", (fields) => (trailers = responseOf(fields).headers));
    stream.on("data", (chunk: Buffer) => {
      if (!body.push(chunk)) stream.pause();
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
    const code = !this.#connected || refused ? "backend-unreachable" : begun ? "backend-broken" : "backend-reset";
    return new BandstandError(code, message, { cause: this.#failure });
  }
}
