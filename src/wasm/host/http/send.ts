import { BandstandError } from "../../../foundation/errors/index.ts";
import {
  isPending,
  isStream,
  OnwardRequest,
  take,
  type Body,
  type HttpRequest,
  type HttpResponse,
  type Pending,
} from "../../../foundation/http/index.ts";
import type { OutboundTimeouts } from "../../runtime.ts";
import { host, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { hostLimits } from "../limits.ts";
import { OnwardContext } from "./context.ts";
import { httpErrorOf, putErrorCode, type HttpError } from "./error-code.ts";
import type { Exchange, Sent } from "./exchange.ts";
import { withHop } from "./hops.ts";
import {
  FutureIncomingResponse,
  IncomingResponse,
  sourceOf,
  type OutgoingRequest,
  type RequestOptions,
} from "./resources.ts";

/** Where a middleware sends what the next stage is to answer; the name never leaves the host. */
const nextAuthority = "next.bandstand.internal";
/** What to send a request takes, in bytes that could be moved meanwhile. */
const sendBytes = 16 << 10;
const notWanted = new BandstandError("client-gone", "the component does not wait for the answer any more");

function send(
  guest: Guest,
  exchange: Exchange,
  outgoing: OutgoingRequest,
  options: RequestOptions | undefined,
): FutureIncomingResponse | HttpError {
  if (++exchange.sent > hostLimits.outgoingRequests && guest.command === undefined) {
    const message = `sent more than ${hostLimits.outgoingRequests} requests for one`;
    throw guest.fail("component-resources", message);
  }
  const { authority } = outgoing;
  if (authority === undefined) return { name: "HTTP-request-URI-invalid" };
  guest.worked(sendBytes);
  const forNext = authority === nextAuthority;
  if (!forNext && outgoing.scheme !== undefined && !/^https?$/.test(outgoing.scheme)) {
    return { name: "HTTP-protocol-error" };
  }
  if (forNext) {
    if (!mayAskNext(guest, exchange)) return { name: "HTTP-request-denied" };
    exchange.nextCalled = true;
    if (guest.entry !== "waiting") return sendPlainly(guest, exchange, outgoing);
  }
  if (guest.entry !== "waiting") throw guest.cannotWait();
  return forNext
    ? sendLater(guest, exchange, outgoing, () => sendOn(exchange, outgoing))
    : sendLater(guest, exchange, outgoing, () => sendOut(guest, exchange, outgoing, options));
}

/** The next stage is there, and was not asked before. Where not, who runs the component is told: the guest only knows that it was refused. */
export function mayAskNext({ component }: Guest, { next, nextCalled }: Exchange): boolean {
  if (next === undefined) {
    component.failures.unsent(
      new BandstandError("component-denied", "it asked for the next stage, and there is none", {
        remedy: "A middleware stands in a route's filters; as a backend, and under serve, nothing comes after it.",
      }),
    );
  } else if (nextCalled) {
    component.failures.unsent(
      new BandstandError("component-denied", "it asked for the next stage twice in one request", {
        remedy: "Ask once, and keep what it answers.",
      }),
    );
  }
  return next !== undefined && !nextCalled;
}

/** To the next stage, which a guest that begins again does not ask twice. */
function sendOn(exchange: Exchange, outgoing: OutgoingRequest): Sent {
  return (exchange.onward ??= askNext(exchange, outgoing));
}

function askNext(exchange: Exchange, outgoing: OutgoingRequest): Sent {
  const context = new OnwardContext(exchange.context);
  try {
    return kept(exchange, context, exchange.next!(requestToNext(exchange, outgoing), context));
  } catch (error) {
    return kept(exchange, context, Promise.reject(error));
  }
}

function sendOut(
  guest: Guest,
  exchange: Exchange,
  outgoing: OutgoingRequest,
  options: RequestOptions | undefined,
): Sent {
  const context = new OnwardContext(exchange.context);
  try {
    const made = requestToServer(outgoing, pathOf(outgoing), outgoing.content?.outgoing());
    const answer = toServer(guest, exchange, made, context, options);
    return kept(exchange, context, answer);
  } catch (error) {
    return kept(exchange, context, Promise.reject(error));
  }
}

/** Past the gateway. A command is asked by nobody, so that no request of its can be one that came back. */
export function toServer(
  guest: Guest,
  exchange: Exchange,
  request: HttpRequest,
  context: OnwardContext,
  options: RequestOptions | undefined,
): Pending<HttpResponse> {
  const sent = guest.command === undefined ? withHop(request, exchange.request.headers) : request;
  return guest.component.host.fetch(sent, context, timeoutsOf(options));
}

/** What is not there yet ends with the guest's request. */
function kept(exchange: Exchange, context: OnwardContext, response: Sent["response"]): Sent {
  const isComing = isPending(response);
  if (!isComing && !isStream(response.body)) return { context, response, over: nothing };
  const closing = { close: (reason: BandstandError) => context.abort(reason) };
  exchange.keep(closing);
  const over = (): void => exchange.release(closing);
  // Whether anybody waits for it is the guest's affair.
  if (isComing) take(response, nothing, over);
  return { context, response, over };
}

/**
 * To the next stage for a guest that cannot wait: mostly that is a component that answers at once. Where it is not,
 * the guest begins again in the way that can wait, and is given what comes of the call that was made.
 */
function sendPlainly(guest: Guest, exchange: Exchange, outgoing: OutgoingRequest): FutureIncomingResponse {
  const { content } = outgoing;
  if (!guest.mayAct || (content !== undefined && !content.finished)) throw guest.cannotWait();
  guest.meter.pause();
  const { response } = sendOn(exchange, outgoing);
  if (isPending(response) || isStream(response.body)) throw guest.cannotWait();
  const future = new FutureIncomingResponse(nothing);
  future.result = new IncomingResponse(response, sourceOf(response.body, guest));
  return future;
}

/** Sends a request once its body is complete or the guest waits; the answer goes into the future. */
function sendLater(
  guest: Guest,
  exchange: Exchange,
  { content }: OutgoingRequest,
  start: () => Sent,
): FutureIncomingResponse {
  let sent: Sent | undefined;
  let isWanted = true;
  const future = new FutureIncomingResponse(() => {
    isWanted = false;
    sent?.context.abort(notWanted);
  });
  const answered = (response: HttpResponse): void => {
    if (exchange.ended) return dispose(response);
    future.result = new IncomingResponse(response, sourceOf(response.body, guest, undefined, sent?.over));
    guest.notify();
  };
  const failed = (error: unknown): void => {
    if (sent !== undefined && sent === exchange.onward) exchange.nextFailed(error);
    future.result = httpErrorOf(error);
    guest.component.failures.unsent(error);
    // Nobody reads on: what waits there would be in the way of other bodies, and whoever writes it would wait for ever.
    content?.cancel();
    guest.notify();
  };
  const run = (): void => {
    // Without anybody who waits for it, what is not sent yet never is.
    if (!isWanted) return content?.cancel();
    sent = start();
    const { response } = sent;
    if (isPending(response)) take(response, answered, failed);
    else answered(response);
  };
  if (content === undefined || content.finished) run();
  else exchange.sendLater(run);
  return future;
}

function requestToNext({ request }: Exchange, outgoing: OutgoingRequest): HttpRequest {
  const { method, fields, content } = outgoing;
  return new OnwardRequest(method, pathOf(outgoing), content?.outgoing(), fields, request);
}

/** What a guest made for a server, by either version of WASI. */
type ForServer = Pick<OutgoingRequest, "method" | "scheme" | "authority" | "fields">;

/** As a server gets it: without a scheme by https. */
export function requestToServer(made: ForServer, target: string, body: Body): HttpRequest {
  const { method, scheme, authority, fields } = made;
  return {
    method,
    scheme: scheme === "http" ? scheme : "https",
    authority: authority!,
    target,
    headers: fields.list,
    body,
  };
}

function pathOf({ target = "/" }: OutgoingRequest): string {
  return target === "" ? "/" : target.startsWith("?") ? `/${target}` : target;
}

function dispose({ body }: HttpResponse): void {
  if (isStream(body)) body.cancel();
}

function timeoutsOf(options: RequestOptions | undefined): OutboundTimeouts {
  if (options === undefined) return {};
  const { connect, "first-byte": firstByte, "between-bytes": betweenBytes } = options.timeouts;
  return {
    ...(connect !== undefined && { connect: Number(connect) / 1e6 }),
    ...(firstByte !== undefined && { firstByte: Number(firstByte) / 1e6 }),
    ...(betweenBytes !== undefined && { betweenBytes: Number(betweenBytes) / 1e6 }),
  };
}

function nothing(): void {}

/** What is there already, and whole, needs no end. */
function addFuture({ handles }: Guest, future: FutureIncomingResponse): number {
  const { result } = future;
  const isWhole = result instanceof IncomingResponse && !isStream(result.response.body);
  return handles.addAs("future-incoming-response", future, 0, !isWhole);
}

export const outgoingHandler: HostInterface = {
  functions: {
    handle: host("iiii", (guest, memory) => (handle: number, some: number, options: number, result: number) => {
      const outgoing = guest.handles.take<OutgoingRequest>(handle, "outgoing-request");
      const chosen = some === 0 ? undefined : guest.handles.take<RequestOptions>(options, "request-options");
      const at = memory.at(result, 40, 8);
      const { exchange } = guest;
      if (exchange === undefined) throw guest.fail("component-trapped", "sends a request while it starts");
      const sent = send(guest, exchange, outgoing, chosen);
      const isFuture = sent instanceof FutureIncomingResponse;
      if (isFuture) memory.view.setUint32(at + 8, addFuture(guest, sent), true);
      else putErrorCode(memory, at + 8, sent);
      if (!isFuture) outgoing.dropped();
      memory.view.setUint8(at, isFuture ? 0 : 1);
    }),
  },
  resources: [],
};
