import { performance } from "node:perf_hooks";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import {
  isPending,
  isStream,
  Later,
  type Body,
  type HttpRequest,
  type HttpResponse,
  type LaterTaker,
  type Pending,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import { shares, type Share, type Waiter } from "../../foundation/time/shares.ts";
import type { AccessLog } from "../access-log/access-log.ts";
import {
  Allowance,
  answerFor,
  enter,
  grpcAnswer,
  isOwn,
  ownAnswer,
  serverOptions,
  Passage,
  WatchedBody,
  withoutType,
  type CompiledRule,
  type OwnAnswer,
  type Stage,
} from "../chain/index.ts";
import { withoutHopByHop } from "../http1/hop-by-hop.ts";
import { Malformed } from "../http1/malformed.ts";
import { ReadRequest } from "../http1/read-request.ts";
import { ReadResponse } from "../http1/read-response.ts";
import type { Answer, AnswerTaker, Exchange } from "../listener/exchange.ts";
import { headerValue, type Matcher } from "../match/index.ts";
import type { GatewayMetrics } from "../metrics/metrics.ts";
import type { Configuration } from "./configuration.ts";

/** Where requests on one thread are counted and written down. */
export interface Records {
  metrics: GatewayMetrics;
  accessLog: AccessLog;
  logger: Logger;
}

/** Requests with bodies that wait for their turn: they hold 128 MiB at most. */
const mostBodies = 2048;
let bodies = 0;

/** One request and what is known of it for the records. Takes its answer where that comes later, and waits for its turn. */
class Service implements LaterTaker<HttpResponse>, Waiter {
  readonly configuration: Configuration;
  /** Of the socket. */
  readonly key: string;
  /** Headers as they came. */
  readonly asked: RawHeaders | ReadRequest;
  readonly records: Records;
  readonly exchange: Exchange;
  readonly request: HttpRequest;
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  #stage: Stage | undefined;
  /** It waits, and up to 64 KiB of a body with it. */
  #holdsBody = false;
  /** Its time was over while it waited: it is answered. */
  #isLate = false;
  route = "";
  grpc = false;
  passage: Passage | undefined;
  error: string | undefined;

  constructor(configuration: Configuration, key: string, records: Records, request: HttpRequest, exchange: Exchange) {
    this.configuration = configuration;
    this.key = key;
    this.asked = request instanceof ReadRequest ? request : request.headers;
    this.records = records;
    this.exchange = exchange;
    this.request = request;
    this.method = request.method;
    this.authority = request.authority;
    this.target = request.target;
  }

  get isOver(): boolean {
    return this.#isLate || this.exchange.aborted;
  }

  /** Until its turn comes, or the time that its rule allows is over. */
  wait(share: Share, { stage, limit }: CompiledRule): void {
    const { request, exchange } = this;
    this.#stage = stage;
    if (limit !== undefined) {
      const ago = performance.now() - exchange.started;
      this.passage!.allowance = new Allowance(limit, ago, (reason) => this.#late(reason));
    }
    if (request instanceof ReadRequest) request.read.lines.keep();
    if (isStream(request.body)) {
      this.#holdsBody = true;
      if (bodies++ >= mostBodies) return this.refuse();
    }
    shares.wait(share, this, exchange.started);
  }

  start(): void {
    const { request, passage } = this;
    const stage = this.#stage;
    // Timers of a turn that is long come after it.
    if (passage!.allowance?.isOver === true) return passage!.allowance.expired();
    this.#waited();
    let response: HttpResponse | Pending<HttpResponse>;
    try {
      response = stage!(request, passage!);
    } catch (error) {
      return this.failed(error);
    }
    this.goes(response);
  }

  /** The answer goes to its taker when it is there. */
  goes(response: HttpResponse | Pending<HttpResponse>): void {
    if (response instanceof Later) response.give(this);
    else if (response instanceof Promise)
      response.then(
        (ready) => this.came(ready),
        (error: unknown) => this.failed(error),
      );
    else this.came(response);
  }

  /** As little work as can be: what it costs is missing for requests that are served. */
  refuse(): void {
    if (this.#isLate) return;
    const { request, records, exchange, route, configuration } = this;
    this.#waited();
    this.passage!.allowance?.spent();
    if (isStream(request.body)) request.body.cancel();
    // Nobody refused it: its client left, or what ended it was told of.
    if (this.isOver) return this.failed(exchange.broken);
    records.metrics.shed.value++;
    records.metrics.inFlight.value--;
    records.metrics.answered(route, "", 503, (performance.now() - exchange.started) / 1000);
    configuration.leave();
    (exchange.taker as AnswerTaker).answered(exchange, this.grpc ? grpcAnswer(tooMuch) : paged(this, tooMuch));
  }

  /** It leaves the queue when it is next there. Where its client has left, that is what becomes of it. */
  #late(reason: BandstandError): void {
    if (this.exchange.aborted) return;
    this.#isLate = true;
    this.#waited();
    const { body } = this.request;
    if (isStream(body)) body.cancel();
    this.failed(reason);
  }

  #waited(): void {
    if (this.#holdsBody) bodies--;
    this.#holdsBody = false;
  }

  came(ready: HttpResponse): void {
    const { exchange } = this;
    const taker = exchange.taker as AnswerTaker;
    let made: HttpResponse;
    try {
      made = complete(this, ready);
    } catch (error) {
      return taker.failed(exchange, error);
    }
    taker.answered(exchange, made);
  }

  failed(error: unknown): void {
    const { exchange } = this;
    const taker = exchange.taker as AnswerTaker;
    let made: HttpResponse;
    try {
      made = complete(this, failed(this, error));
    } catch (thrown) {
      return taker.failed(exchange, thrown);
    }
    taker.answered(exchange, made);
  }
}

/** More comes than the thread can serve. One for all: to make it anew would be a tenth of a refusal. */
export const tooMuch = ownAnswer(503, "overloaded", "the gateway has more requests than it can serve", undefined);

const noPath = { type: "Exact", value: "" } as const;

/**
 * Serves one request by one configuration: match, enter, chain, answer. Rejects only for a request that must
 * end its connection (400); whatever else fails becomes an answer.
 * @param key of the listening socket. @param port that the client connected to.
 */
export function serve(
  configuration: Configuration,
  key: string,
  port: number,
  records: Records,
  request: HttpRequest,
  exchange: Exchange,
): Answer {
  const matcher = configuration.matcher(key);
  const service = new Service(configuration, key, records, request, exchange);
  const { authority, target } = service;
  const { servername } = exchange;
  const misdirected = servername !== undefined && matcher?.misdirected(authority, servername) === true;
  const found = misdirected ? undefined : findRule(matcher, request);
  configuration.enter();
  records.metrics.inFlight.value++;
  if (misdirected) {
    const message = "this host is served on another connection: its name is not the one of the TLS handshake";
    return complete(service, ownAnswer(421, "misdirected", message, exchange.id));
  }
  if (target === "*") return complete(service, serverOptions());
  if (found === undefined) {
    return complete(service, ownAnswer(404, "no-route", "no route matches this host and path", exchange.id));
  }
  service.route = found.value.route;
  service.grpc = found.value.grpc;
  enter(request, exchange, found.value.entry);
  const passage = (service.passage = new Passage(exchange, port, found.path ?? noPath));
  const share = (passage.share = found.value.party.of(service.method, target));
  if (!shares.mayBegin(share, exchange.started) && exchange.taker !== undefined) {
    service.wait(share, found.value);
    return undefined;
  }
  try {
    const response = found.value.stage(request, passage);
    if (!isPending(response)) return complete(service, response);
    // A promise of it would be one more.
    if (exchange.taker !== undefined) {
      service.goes(response);
      return undefined;
    }
    return response.then(
      (ready) => complete(service, ready),
      (error: unknown) => complete(service, failed(service, error)),
    );
  } catch (error) {
    return complete(service, failed(service, error));
  }
}

function findRule(matcher: Matcher<CompiledRule> | undefined, request: HttpRequest) {
  try {
    if (request.target === "*") return undefined;
    return matcher?.find(request) ?? (request.method === "OPTIONS" ? findPreflight(matcher, request) : undefined);
  } catch (error) {
    if (error instanceof Malformed) throw new BandstandError("request-malformed", error.message, { cause: error });
    throw error;
  }
}

/** A preflight asks for another request: where nothing takes OPTIONS, the rule of that one answers, if it has CORS. */
function findPreflight(matcher: Matcher<CompiledRule> | undefined, request: HttpRequest) {
  const method = headerValue(request.headers, "access-control-request-method");
  const found = method === undefined ? undefined : matcher?.find({ ...request, headers: request.headers, method });
  return found?.value.preflights === true ? found : undefined;
}

/** The answer for what a stage threw. */
function failed(service: Service, thrown: unknown): HttpResponse {
  const { records, exchange, route } = service;
  const error = exchange.because(asError(thrown));
  const backend = service.passage?.backend ?? "";
  service.error = error.code;
  if (error.code !== "client-gone") {
    records.metrics.failed(route, backend, error.code);
    const level = error.code === "internal" ? "error" : "debug";
    const fields = { request: exchange.id, route, backend, code: error.code, error: error.message };
    records.logger.log(level, "a request failed", fields);
  }
  const answer = answerFor(error, exchange.id);
  if (exchange.errorHeaders !== undefined) answer.headers.push(...exchange.errorHeaders);
  return answer;
}

function paged({ configuration, key, method, authority, asked }: Service, answer: OwnAnswer): HttpResponse {
  if (method === "HEAD") return bodiless(answer);
  const pages = configuration.pages(key, authority);
  if (pages === undefined) return answer;
  return pages(answer, { headers: asked instanceof ReadRequest ? asked.read.lines.fields(0) : asked });
}

/** For HEAD nothing is said of a body that nobody sees (RFC 9110, section 9.3.2): some clients read by its type alone. */
function bodiless({ status, headers }: OwnAnswer): HttpResponse {
  return { status, headers: withoutType(headers), body: undefined };
}

/** The head is known; the request has ended when its body has. */
function complete(service: Service, made: HttpResponse): HttpResponse {
  if (made.status > 599 && service.exchange.version === "2")
    return complete(service, failed(service, beyondHttp2(made)));
  if (service.grpc && isOwn(made)) {
    // Counted as what it is; on the wire every answer to a call is 200.
    record(service, made.status);
    return grpcAnswer(made);
  }
  if (made.status === 205 && service.method !== "HEAD") return contentless(service, made);
  if (made instanceof ReadResponse && made.bodyBytes !== undefined && service.method !== "HEAD") {
    record(service, made.status);
    return made;
  }
  const response = isOwn(made) ? paged(service, made) : made;
  const { status, body } = response;
  if (isStream(body) && (service.method === "HEAD" || status === 204 || status === 304)) {
    // Whoever made a body for this was not asked for one: it ends here, and is no failure.
    body.cancel();
    record(service, status);
    return { status, headers: withoutHopByHop(response.headers), body: undefined };
  }
  if (!isStream(body)) {
    record(service, status);
    return withBody(response, body);
  }
  const watched = new WatchedBody(body, (failure) => {
    if (failure !== undefined) {
      const { code } = service.exchange.because(asError(failure));
      service.error ??= code;
      service.records.metrics.broken(code);
    }
    record(service, status);
  });
  return withBody(response, watched);
}

/** HTTP/2 has no status above 599 for node:http2 to send; HTTP/1.1 has three digits. */
function beyondHttp2({ status, body }: HttpResponse): BandstandError {
  const error = new BandstandError("backend-broken", `${status} is no status of HTTP/2`);
  if (isStream(body)) body.cancel(error);
  return error;
}

/** A 205 has no content, whatever its maker sent (RFC 9110, section 15.3.6): by HTTP/2 some would break the stream. */
function contentless(service: Service, { status, headers, body }: HttpResponse): HttpResponse {
  if (isStream(body)) body.cancel();
  record(service, status);
  return { status, headers: withoutHopByHop(headers), body: "" };
}

/** The response with a body, and without what ends at this hop. */
function withBody(response: HttpResponse, body: Body): HttpResponse {
  if (response instanceof ReadResponse && response.untouched) return response.with(body);
  const headers = withoutHopByHop(response.headers);
  const same = headers === response.headers && body === response.body;
  return same ? response : { status: response.status, headers, body };
}

function record(service: Service, status: number): void {
  const { configuration, records, exchange, route, passage, error } = service;
  const now = performance.now();
  const duration = now - exchange.started;
  exchange.ended = now;
  const backend = passage?.backend ?? "";
  records.metrics.inFlight.value--;
  records.metrics.answered(route, backend, status, duration / 1000);
  configuration.leave();
  if (!records.accessLog.wants(status, error)) return;
  const { remoteAddress: remote } = exchange;
  const { method, authority, target } = service;
  records.accessLog.add({
    named: exchange,
    remote,
    method,
    authority,
    target,
    status,
    ended: now,
    duration,
    route,
    backend,
    error,
  });
}

function asError(thrown: unknown): BandstandError {
  if (thrown instanceof BandstandError) return thrown;
  return new BandstandError("internal", messageOf(thrown), { cause: thrown });
}
