import { performance } from "node:perf_hooks";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import {
  isPending,
  isStream,
  Later,
  type Body,
  type HttpRequest,
  type HttpResponse,
  type Pending,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import type { AccessLog } from "../access-log/access-log.ts";
import {
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

/** One request and what is known of it for the records. */
interface Service {
  configuration: Configuration;
  /** Of the socket. */
  key: string;
  /** Headers as they came. */
  asked: RawHeaders | ReadRequest;
  records: Records;
  exchange: Exchange;
  request: { method: string; authority: string; target: string };
  route: string;
  grpc: boolean;
  passage: Passage | undefined;
  error: string | undefined;
}

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
  const { method, authority, target } = request;
  const matcher = configuration.matcher(key);
  const service: Service = {
    configuration,
    key,
    asked: request instanceof ReadRequest ? request : request.headers,
    records,
    exchange,
    request: { method, authority, target },
    route: "",
    grpc: false,
    passage: undefined,
    error: undefined,
  };
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
  service.passage = new Passage(exchange, port, found.path ?? noPath);
  try {
    const response = found.value.stage(request, service.passage);
    if (!isPending(response)) return complete(service, response);
    const { taker } = exchange;
    if (taker !== undefined) return completeLater(service, response, taker);
    return response.then(
      (ready) => complete(service, ready),
      (error: unknown) => complete(service, failed(service, error)),
    );
  } catch (error) {
    return complete(service, failed(service, error));
  }
}

/** Hands the answer to who takes it, where a promise of it would be one more. */
function completeLater(service: Service, response: Pending<HttpResponse>, taker: AnswerTaker): undefined {
  const { exchange } = service;
  const answer = (make: () => HttpResponse): void => {
    let made: HttpResponse;
    try {
      made = make();
    } catch (error) {
      return taker.failed(exchange, error);
    }
    taker.answered(exchange, made);
  };
  const onValue = (ready: HttpResponse): void => answer(() => complete(service, ready));
  const onError = (error: unknown): void => answer(() => complete(service, failed(service, error)));
  if (response instanceof Later) response.take(onValue, onError);
  else void response.then(onValue, onError);
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

function paged({ configuration, key, request, asked }: Service, answer: OwnAnswer): HttpResponse {
  if (request.method === "HEAD") return bodiless(answer);
  const headers = asked instanceof ReadRequest ? asked.read.lines.fields(0) : asked;
  return configuration.pages(key, request.authority)?.(answer, { headers }) ?? answer;
}

/** For HEAD nothing is said of a body that nobody sees (RFC 9110, section 9.3.2): some clients read by its type alone. */
function bodiless({ status, headers }: OwnAnswer): HttpResponse {
  return { status, headers: withoutType(headers), body: undefined };
}

/** The head is known; the request has ended when its body has. */
function complete(service: Service, made: HttpResponse): HttpResponse {
  if (service.grpc && isOwn(made)) {
    // Counted as what it is; on the wire every answer to a call is 200.
    record(service, made.status);
    return grpcAnswer(made);
  }
  if (made.status === 205 && service.request.method !== "HEAD") return contentless(service, made);
  if (made instanceof ReadResponse && made.bodyBytes !== undefined && service.request.method !== "HEAD") {
    record(service, made.status);
    return made;
  }
  const response = isOwn(made) ? paged(service, made) : made;
  const { status, body } = response;
  if (isStream(body) && (service.request.method === "HEAD" || status === 204 || status === 304)) {
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
  const { configuration, records, exchange, request, route, passage, error } = service;
  const duration = performance.now() - exchange.started;
  const backend = passage?.backend ?? "";
  records.metrics.inFlight.value--;
  records.metrics.answered(route, backend, status, duration / 1000);
  configuration.leave();
  if (!records.accessLog.wants(status, error)) return;
  const { id, remoteAddress: remote } = exchange;
  records.accessLog.add({ id, remote, ...request, status, duration, route, backend, error });
}

function asError(thrown: unknown): BandstandError {
  if (thrown instanceof BandstandError) return thrown;
  return new BandstandError("internal", messageOf(thrown), { cause: thrown });
}
