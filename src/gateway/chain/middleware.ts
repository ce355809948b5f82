import { BandstandError } from "../../foundation/errors/index.ts";
import {
  isPending,
  isStream,
  OnwardRequest,
  type BodyStream,
  type HttpRequest,
  type HttpResponse,
  type RequestContext,
  type Upgrade,
} from "../../foundation/http/index.ts";
import { ReadRequest } from "../http1/read-request.ts";
import type { LoadedComponent } from "../../wasm/runtime.ts";
import { turn } from "../wire/turn.ts";
import { answerFor } from "./answer.ts";
import type { Passage, Stage } from "./passage.ts";
import { WatchedBody } from "./watched-body.ts";

/** A component before the rest of the chain. */
export function middleware(component: LoadedComponent, next: Stage): Stage {
  return (request, passage) => {
    const { upgrade } = request;
    turn.beforeGuest(passage.exchange.started);
    if (upgrade !== undefined) return throughUpgrade(component, next, request, upgrade, passage);
    return component.handle(request, passage, (onward, context) => proceed(next, onward, passage, context));
  };
}

/** The rest of the chain for a component. */
function proceed(
  next: Stage,
  onward: HttpRequest,
  passage: Passage,
  context: RequestContext,
): HttpResponse | Promise<HttpResponse> {
  const part = passage.under(context);
  try {
    const response = next(asItCame(onward), part);
    if (!isPending(response)) return learned(response, passage, part);
    return response.catch((error: unknown) => told(error, passage)).then((ready) => learned(ready, passage, part));
  } catch (error) {
    return learned(told(error, passage), passage, part);
  }
}

function learned(response: HttpResponse, passage: Passage, part: Passage): HttpResponse {
  if (part !== passage) passage.learn(part);
  handOut(response);
  return isStream(response.body) ? watched(response, response.body, passage) : response;
}

/** What came by HTTP/1.1, and goes on with its headers as they are, goes on from buffer to buffer. */
function asItCame(onward: HttpRequest): HttpRequest {
  const came = onward instanceof OnwardRequest ? onward.headersOf : undefined;
  return came instanceof ReadRequest && came.untouched ? came.onward(onward) : onward;
}

/** A body that breaks is the backend's fault, whatever the component makes of it. */
function watched(response: HttpResponse, body: BodyStream, { exchange }: Passage): HttpResponse {
  const noted = new WatchedBody(body, (failure) => {
    if (failure instanceof BandstandError && failure.code.startsWith("backend-")) exchange.broke(failure);
  });
  return { ...response, headers: response.headers, body: noted };
}

/**
 * A guest knows no upgrades: it sees the request without, and 200 for the 101 of a backend that granted it. Where it
 * lets the 200 pass, the client gets the 101, and the bytes behind it pass the guest by.
 */
function throughUpgrade(
  component: LoadedComponent,
  next: Stage,
  request: HttpRequest,
  upgrade: Upgrade,
  passage: Passage,
): HttpResponse | Promise<HttpResponse> {
  let switched: HttpResponse | undefined;
  const plain: HttpRequest = { ...request, headers: request.headers, upgrade: undefined };
  const asPlain = (answer: HttpResponse): HttpResponse => {
    if (answer.status !== 101) return answer;
    switched = answer;
    return { status: 200, headers: answer.headers, body: undefined };
  };
  const response = component.handle(plain, passage, (onward) =>
    answered(next, { ...onward, headers: onward.headers, upgrade }, passage, asPlain),
  );
  const granted = (answer: HttpResponse): HttpResponse => {
    if (switched === undefined) return answer;
    const { body } = switched;
    if (answer.status === 200) return { status: 101, headers: answer.headers, body };
    if (isStream(body)) body.cancel();
    return answer;
  };
  return response instanceof Promise ? response.then(granted) : granted(response);
}

function answered(
  next: Stage,
  request: HttpRequest,
  passage: Passage,
  learn: (response: HttpResponse) => HttpResponse,
): HttpResponse | Promise<HttpResponse> {
  try {
    const response = next(request, passage);
    if (!isPending(response)) return learn(handOut(response));
    return response.catch((error: unknown) => told(error, passage)).then((ready) => learn(handOut(ready)));
  } catch (error) {
    return learn(told(error, passage));
  }
}

/** What a component is given it may keep for as long as it likes: texts of what was read, which goes. */
function handOut(response: HttpResponse): HttpResponse {
  const { headers } = response;
  response.headers = headers;
  return response;
}

/**
 * What the rest of the chain throws reaches the middleware as the answer that the client would have got: it may
 * shape that too, and the status stays what it is however the component treats errors.
 */
function told(error: unknown, passage: Passage): HttpResponse {
  if (!(error instanceof BandstandError)) throw error;
  return answerFor(passage.exchange.because(error), passage.id);
}
