import { BandstandError } from "../../../foundation/errors/index.ts";
import {
  isPending,
  isStream,
  OnwardRequest,
  take,
  type HttpRequest,
  type HttpResponse,
} from "../../../foundation/http/index.ts";
import { Call } from "../../async/index.ts";
import type { HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { OnwardContext } from "../http/context.ts";
import { errorCodeSize, httpErrorOf, putErrorCode, type HttpError } from "../http/error-code.ts";
import { Content } from "../http/content.ts";
import type { Exchange } from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { mayAskNext, requestToServer, toServer } from "../http/send.ts";
import { hostLimits } from "../limits.ts";
import type { GuestMemory } from "../memory.ts";
import { later } from "./later.ts";
import { Response, type Request } from "./messages.ts";
import { userOf } from "./request.ts";

const notWanted = new BandstandError("client-gone", "the component does not wait for the answer any more");

/** A `result<response, error-code>`. */
function putAnswer(guest: Guest, memory: GuestMemory, result: number, answer: Response | HttpError): void {
  const at = memory.at(result, 8 + errorCodeSize, 8);
  const isResponse = answer instanceof Response;
  if (isResponse) memory.view.setUint32(at + 8, guest.handles.add(answer), true);
  else putErrorCode(memory, at + 8, answer);
  memory.view.setUint8(at, isResponse ? 0 : 1);
}

/** As it goes over the wire; undefined: it cannot. */
function targetOf({ method, target = "/" }: Request): string | undefined {
  if (target === "*") return method === "OPTIONS" ? target : undefined;
  const whole = target.startsWith("?") ? `/${target}` : target;
  if (!whole.startsWith("/")) return undefined;
  return whole.replace(/[^!-~]+/g, encodeURIComponent);
}

/** Why it is not sent. */
function refusal(guest: Guest, exchange: Exchange, request: Request, forNext: boolean): HttpError | undefined {
  if (request.flaw !== undefined) return { name: "HTTP-request-body-size" };
  if (targetOf(request) === undefined) return { name: "HTTP-request-URI-invalid" };
  if (forNext) return mayAskNext(guest, exchange) ? undefined : { name: "HTTP-request-denied" };
  const { authority, scheme = "https" } = request;
  if (scheme !== "http" && scheme !== "https") return { name: "HTTP-protocol-error" };
  const isSendable = authority !== undefined && userOf(authority) === "";
  return isSendable ? undefined : { name: "HTTP-request-URI-invalid" };
}

function send(guest: Guest, request: Request, forNext: boolean, put: (answer: Response | HttpError) => void): Call {
  const { exchange } = guest;
  const call = new Call();
  if (exchange === undefined) throw guest.fail("component-trapped", "sends a request while it starts");
  if (++exchange.sent > hostLimits.outgoingRequests && guest.command === undefined) {
    const message = `sent more than ${hostLimits.outgoingRequests} requests for one`;
    throw guest.fail("component-resources", message);
  }
  const refused = refusal(guest, exchange, request, forNext);
  if (refused !== undefined) {
    request.went(refused);
    request.dropped();
    return call.finish(() => put(refused));
  }
  // Nothing that others could see comes of a rehearsal.
  if (guest.entry === "rehearsal" && !forNext) return call;
  const context = new OnwardContext(exchange.context);
  const closing = { close: (reason: BandstandError) => call.isDone || context.abort(reason) };
  const answered = (response: HttpResponse): void => {
    exchange.release(closing);
    request.went();
    if (call.isDone) return dispose(response);
    const made = new Response(Fields.received(response), response.body);
    made.status = response.status;
    if (isStream(response.body)) closeAtEnd(exchange, context, made);
    call.finish(() => put(made));
  };
  const failed = (error: unknown): void => {
    exchange.release(closing);
    if (forNext) exchange.nextFailed(error);
    const told = httpErrorOf(error);
    request.went(told);
    // Nobody reads on: what waits there would be in the way of other bodies.
    if (request.body instanceof Content) request.body.cancel();
    guest.component.failures.unsent(error);
    call.finish(() => put(told));
  };
  guest.meter.pause();
  try {
    const response = forNext
      ? toNext(exchange, request, context)
      : toServer(guest, exchange, toSend(request), context, request.options);
    if (!isPending(response)) answered(response);
    else {
      exchange.keep(closing);
      take(response, answered, failed);
    }
  } catch (error) {
    failed(error);
  }
  return call.onCancel(() => context.abort(notWanted));
}

function toSend(request: Request): HttpRequest {
  return requestToServer(request, targetOf(request)!, request.outgoing());
}

function toNext(exchange: Exchange, request: Request, context: OnwardContext): HttpResponse | Promise<HttpResponse> {
  exchange.nextCalled = true;
  const { method, fields } = request;
  const onward = new OnwardRequest(method, targetOf(request)!, request.outgoing(), fields, exchange.request);
  return exchange.next!(onward, context);
}

/** A body that still comes ends with the guest's request, unless the client gets it. */
function closeAtEnd(exchange: Exchange, context: OnwardContext, response: Response): void {
  const closing = {
    close: (reason: BandstandError) => {
      context.abort(reason);
      response.dropped();
    },
  };
  exchange.keep(closing);
  const release = (): void => exchange.release(closing);
  response.passOn = response.onEnd = release;
}

function dispose({ body }: HttpResponse): void {
  if (isStream(body)) body.cancel();
}

function sender(forNext: boolean): HostInterface["functions"][string] {
  return later("ii", (guest, memory) => (handle: number, result: number) => {
    const request = guest.handles.take<Request>(handle, "request");
    return send(guest, request, forNext, (answer) => putAnswer(guest, memory, result, answer));
  });
}

/** Requests of a guest: to the next stage of a middleware, and to servers. */
export const senders: Record<string, HostInterface> = {
  "wasi:http/handler": { functions: { handle: sender(true) }, resources: [] },
  "wasi:http/client": { functions: { send: sender(false) }, resources: [] },
};
