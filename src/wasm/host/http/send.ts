import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../../foundation/http/index.ts";
import type { OutboundTimeouts } from "../../runtime.ts";
import { host, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { hostLimits } from "../limits.ts";
import { OnwardContext } from "./context.ts";
import { httpErrorOf, putErrorCode, type HttpError } from "./error-code.ts";
import type { Exchange } from "./exchange.ts";
import {
  FutureIncomingResponse,
  IncomingResponse,
  sourceOf,
  type OutgoingRequest,
  type RequestOptions,
} from "./resources.ts";

/** Where a middleware sends what the next stage is to answer; the name never leaves the host. */
const nextAuthority = "next.bandstand.internal";

/** Sends a request once its body is complete or the guest waits; the answer goes into the future. */
function send(
  guest: Guest,
  exchange: Exchange,
  outgoing: OutgoingRequest,
  options: RequestOptions | undefined,
): FutureIncomingResponse | HttpError {
  if (++exchange.sent > hostLimits.outgoingRequests) {
    const message = `sent more than ${hostLimits.outgoingRequests} requests for one`;
    throw guest.fail("component-resources", message);
  }
  const { authority } = outgoing;
  if (authority === undefined) return { name: "HTTP-request-URI-invalid" };
  const forNext = authority === nextAuthority;
  if (!forNext && outgoing.scheme !== undefined && !/^https?$/.test(outgoing.scheme)) {
    return { name: "HTTP-request-URI-invalid" };
  }
  if (forNext) {
    if (exchange.next === undefined || exchange.nextCalled) return { name: "HTTP-request-denied" };
    exchange.nextCalled = true;
  }
  const context = new OnwardContext(exchange.context);
  const future = new FutureIncomingResponse(() =>
    context.abort(new BandstandError("client-gone", "the component does not wait for the answer any more")),
  );
  exchange.keep({ close: (reason) => context.abort(reason) });
  const answered = (response: HttpResponse): void => {
    if (exchange.ended) return dispose(response);
    future.result = new IncomingResponse(response, sourceOf(response.body, guest));
    guest.notify();
  };
  const failed = (error: unknown): void => {
    future.result = httpErrorOf(error);
    guest.component.host.logger.debug("a request of a component failed", { to: authority, error: messageOf(error) });
    guest.notify();
  };
  const start = (): void => {
    try {
      const request = requestOf(exchange, outgoing, forNext);
      const response = forNext
        ? exchange.next!(request, context)
        : guest.component.host.fetch(request, context, timeoutsOf(options));
      if (response instanceof Promise) response.then(answered, failed);
      else answered(response);
    } catch (error) {
      failed(error);
    }
  };
  if (outgoing.content === undefined || outgoing.content.finished) start();
  else exchange.sendLater(start);
  return future;
}

function requestOf(exchange: Exchange, outgoing: OutgoingRequest, forNext: boolean): HttpRequest {
  const { content, target = "/" } = outgoing;
  const path = target === "" ? "/" : target.startsWith("?") ? `/${target}` : target;
  return {
    method: outgoing.method,
    scheme: forNext ? exchange.request.scheme : outgoing.scheme === "http" ? "http" : "https",
    authority: forNext ? exchange.request.authority : outgoing.authority!,
    target: path,
    headers: outgoing.fields.list,
    body: content === undefined ? undefined : content.finished ? content.whole() : content,
  };
}

function dispose({ body }: HttpResponse): void {
  if (typeof body === "object" && !(body instanceof Uint8Array)) body.cancel();
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

export const outgoingHandler: HostInterface = {
  functions: {
    handle: host("iiii", (guest, memory) => (handle: number, some: number, options: number, result: number) => {
      const outgoing = guest.handles.take<OutgoingRequest>(handle, "outgoing-request");
      const chosen = some === 0 ? undefined : guest.handles.take<RequestOptions>(options, "request-options");
      const at = memory.at(result, 40, 8);
      const { exchange } = guest;
      if (exchange === undefined) throw guest.fail("component-trapped", "sends a request while it starts");
      // What was sent cannot be taken back.
      if (guest.entry !== "waiting") throw guest.cannotWait();
      const sent = send(guest, exchange, outgoing, chosen);
      const isFuture = sent instanceof FutureIncomingResponse;
      if (isFuture) memory.view.setUint32(at + 8, guest.handles.add(sent), true);
      else putErrorCode(memory, at + 8, sent);
      memory.view.setUint8(at, isFuture ? 0 : 1);
    }),
  },
  resources: [],
};
