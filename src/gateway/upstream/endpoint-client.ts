import type { BandstandError } from "../../foundation/errors/index.ts";
import {
  Later,
  type HttpRequest,
  type HttpResponse,
  type Pending,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import type { Holder } from "./places/holder.ts";

/** Informational responses to one request: each goes to the client at once, whether it reads or not. */
export const mostInformational = 32;

/** Who asks. Takes informational responses but 100 and 101. */
export interface Informed {
  readonly holder?: Holder | undefined;
  /** Milliseconds that it waits for a connection; undefined: as long as all. */
  readonly connect?: number;
  inform?(status: number, headers: RawHeaders): void;
}

/** A request under way, as the caller may end it. */
export interface Sent {
  response: Pending<HttpResponse>;
  /** The response rejects, or its body breaks, with this reason. Without effect once the exchange is over. */
  readonly abort: (reason: BandstandError) => void;
}

/** What else there may be for a request that failed. Undefined: nothing. */
export type Rescue = (error: unknown) => Pending<HttpResponse> | undefined;

/** A response, or what is rescued of its failure. */
export function rescued(response: Pending<HttpResponse>, rescue: Rescue | undefined): Pending<HttpResponse> {
  if (rescue === undefined) return response;
  if (response instanceof Later) {
    const result = new Later<HttpResponse>();
    response.take(
      (answer) => result.resolve(answer),
      (error) => settle(result, error, rescue),
    );
    return result;
  }
  return response.catch((error: unknown) => {
    const other = rescue(error);
    if (other === undefined) throw error;
    return other;
  });
}

/** A request failed: its response is what else there is for it. */
export function settle(response: Later<HttpResponse>, error: unknown, rescue: Rescue | undefined): void {
  let other: Pending<HttpResponse> | undefined;
  try {
    other = rescue?.(error);
  } catch (thrown) {
    return response.reject(thrown);
  }
  if (other === undefined) response.reject(error);
  else response.follow(other);
}

/** What sends requests to one endpoint, by whatever protocol. */
export interface EndpointClient {
  /** Requests under way or waiting now. */
  readonly active: number;
  /**
   * Sends one request once; the response comes without headers that end at this hop. Rejects with `backend-unreachable` where nothing was sent (the body is untouched),
   * `backend-reset` where no answer began, `backend-broken` where it broke, `overloaded` where too many wait.
   * @param fresh on a new connection: an idle one may have died unseen.
   * @param rescue is asked where it would reject, and may answer with another response, or throw another error.
   */
  send(request: HttpRequest, fresh?: boolean, informed?: Informed, rescue?: Rescue): Sent;
  /** Connections now. */
  readonly connections: number;
  /** Ends an exchange that its client holds up, for somebody who waits elsewhere. False: there is none. */
  giveUp(waiter: Holder | undefined): boolean;
  /** Closes what is idle now and what is in use when it is done. Idempotent. */
  close(): void;
}
