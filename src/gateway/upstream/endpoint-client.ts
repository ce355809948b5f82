import type { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse, RawHeaders } from "../../foundation/http/index.ts";

/** Takes informational responses but 100 and 101. */
export interface Informed {
  inform?(status: number, headers: RawHeaders): void;
}

/** A request under way, as the caller may end it. */
export interface Sent {
  response: Promise<HttpResponse>;
  /** The response rejects, or its body breaks, with this reason. Without effect once the exchange is over. */
  abort(reason: BandstandError): void;
}

/** What sends requests to one endpoint, by whatever protocol. */
export interface EndpointClient {
  /** Requests under way or waiting now. */
  readonly active: number;
  /**
   * Sends one request once. Rejects with `backend-unreachable` where nothing was sent (the body is untouched),
   * `backend-reset` where no answer began, `backend-broken` where it broke, `overloaded` where too many wait.
   * @param fresh on a new connection: an idle one may have died unseen.
   */
  send(request: HttpRequest, fresh?: boolean, informed?: Informed): Sent;
  /** Connections now. */
  readonly connections: number;
  /** Closes what is idle now and what is in use when it is done. Idempotent. */
  close(): void;
}
