import type { LookupFunction } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { Agent, type Dispatcher } from "undici";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import {
  isStream,
  type BodyStream,
  type HttpRequest,
  type HttpResponse,
  type Pending,
  type RawHeaders,
} from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { guardedLookup } from "../../../foundation/network/index.ts";
import { systemAuthorities } from "../secure.ts";
import { isHopByHop, withoutHopByHop } from "../../http1/hop-by-hop.ts";
import { sendAlone, tooLate } from "./alone.ts";
import { begun, comesSoon } from "./begun.ts";

/** A request under way. */
export interface Sent {
  response: Pending<HttpResponse>;
  abort(reason: BandstandError): void;
}

/**
 * Requests of guests to origins elsewhere. No redirect is followed. Those who trust the same authorities share their
 * connections.
 */
export class Origins {
  readonly #agent: Agent;
  readonly #lookup: LookupFunction;
  readonly #secureContext: SecureContext;

  /**
   * @param authorities certificates in PEM that are trusted beside the system's.
   * @param lookup for tests.
   */
  constructor(authorities: readonly string[] = [], lookup = guardedLookup()) {
    const secureContext = createSecureContext({ ca: [...systemAuthorities(), ...authorities] });
    this.#lookup = lookup;
    this.#secureContext = secureContext;
    // Patience is ours, a request: the agent's own timers would end a guest's long poll.
    this.#agent = new Agent({
      connections: 64,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { lookup, secureContext, timeout: 30_000 },
    });
  }

  /** @param connect milliseconds until a connection counts as refused. */
  send(request: HttpRequest, connect: number): Sent {
    const { body } = request;
    if (!isStream(body)) return this.#dispatch(request, connect);
    const first = body.read();
    const whole = { ...request, headers: request.headers, body: begun(body, first) };
    return first instanceof Promise ? this.#sendSlowly(whole, first, connect) : this.#dispatch(whole, connect);
  }

  /** The agent sends a head along with the first of the body, for which the body's writer may wait in vain. */
  #sendSlowly(request: HttpRequest & { body: BodyStream }, first: Promise<unknown>, connect: number): Sent {
    const how = { lookup: this.#lookup, secureContext: this.#secureContext, connect };
    let sent: Sent | undefined;
    let aborted: BandstandError | undefined;
    const response = comesSoon(first).then((isThere) => {
      if (aborted !== undefined) throw aborted;
      sent = isThere ? this.#dispatch(request, connect) : sendAlone(request, how);
      return sent.response;
    });
    const abort = (reason: BandstandError): void => {
      aborted ??= reason;
      if (sent === undefined) request.body.cancel(reason);
      else sent.abort(reason);
    };
    return { response, abort };
  }

  #dispatch(request: HttpRequest, connect: number): Sent {
    const exchange = new OriginExchange(request.method, connect);
    const length = lengthOf(request);
    const headers = ["host", request.authority, ...(length === undefined ? [] : ["content-length", String(length)])];
    for (let index = 0; index < request.headers.length; index += 2) {
      const name = request.headers[index] as string;
      if (!isOurs(name)) headers.push(name, request.headers[index + 1] as string);
    }
    const options: Dispatcher.DispatchOptions = {
      origin: `${request.scheme}://${request.authority}`,
      path: request.target,
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body: bodyOf(request),
    };
    try {
      this.#agent.dispatch(options, exchange);
    } catch (error) {
      exchange.fail(new BandstandError("request-malformed", messageOf(error), { cause: error }));
    }
    return { response: exchange.response, abort: (reason) => exchange.fail(reason) };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** One exchange with undici's dispatcher. */
class OriginExchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<HttpResponse>;
  readonly #settle: { resolve(response: HttpResponse): void; reject(error: BandstandError): void };
  #controller: Dispatcher.DispatchController | undefined;
  #body: BodyQueue | undefined;
  #failure: BandstandError | undefined;
  readonly #method: string;
  readonly #connectTimer: NodeJS.Timeout;

  constructor(method: string, connect: number) {
    this.#method = method;
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    this.response = promise;
    this.#settle = { resolve, reject };
    this.#connectTimer = setTimeout(() => {
      // As the system would say it, so that a guest can tell it from an answer that does not come.
      this.fail(tooLate(connect));
    }, connect);
  }

  fail(reason: BandstandError): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    clearTimeout(this.#connectTimer);
    this.#controller?.abort(reason);
    this.#body?.fail(reason);
    this.#settle.reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#connectTimer);
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Informational responses are for whoever asked for them: nobody did.
    if (status < 200) return;
    const headers = textual(controller.rawHeaders);
    if (this.#method === "HEAD" || status === 204 || status === 304) {
      return this.#settle.resolve({ status, headers: withoutHopByHop(headers), body: undefined });
    }
    const length = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === "content-length");
    this.#body = new BodyQueue({
      length: length === -1 ? undefined : Number(headers[length + 1]),
      onRoom: () => controller.resume(),
      onCancel: () => this.fail(new BandstandError("client-gone", "the response is not wanted any more")),
    });
    this.#settle.resolve({ status, headers: withoutHopByHop(headers), body: this.#body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(Buffer.from(chunk)) === false) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const trailers = textual(controller.rawTrailers);
    this.#body?.end(trailers.length === 0 ? undefined : trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(asError(error));
  }
}

function asError(error: Error & { code?: string; cause?: unknown }): BandstandError {
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof BandstandError) return inner;
  }
  const unreachable = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
  const code = unreachable.test(error.code ?? "") ? "backend-unreachable" : "backend-broken";
  return new BandstandError(code, messageOf(error), { cause: error });
}

function textual(raw: Dispatcher.DispatchController["rawHeaders"]): RawHeaders {
  return Array.isArray(raw) ? raw.map((text) => (typeof text === "string" ? text : text.toString("latin1"))) : [];
}

function isOurs(name: string): boolean {
  return isHopByHop(name) || ["host", "content-length", "expect"].includes(name.toLowerCase());
}

function lengthOf({ body }: HttpRequest): number | undefined {
  return body === undefined ? undefined : isStream(body) ? body.length : body.length;
}

function bodyOf({ body }: HttpRequest): Dispatcher.DispatchOptions["body"] {
  if (body === undefined) return null;
  if (typeof body === "string") return Buffer.from(body, "latin1");
  return isStream(body) ? (pieces(body) as unknown as Dispatcher.DispatchOptions["body"]) : Buffer.from(body);
}

async function* pieces(body: BodyStream): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = await body.read(); piece !== undefined; piece = await body.read()) yield piece;
  } finally {
    body.cancel();
  }
}
