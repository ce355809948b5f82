import type { Socket } from "node:net";
import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../../foundation/http/index.ts";
import type { ServerConnection } from "./connection.ts";
import type { Answer, Exchange } from "../exchange.ts";
import type { Asked } from "../asked.ts";
import type { Untaken } from "../untaken.ts";
import type { ConnectionLimits } from "./limits.ts";

/** What the server does with requests and with what went wrong. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  /** For answers that clients do not take. */
  readonly untaken: Untaken;
  /** `limits.bodyRate`, or what is configured at this moment. */
  readonly bodyRate: number;
  /** True while the server ends: responses say `connection: close`. */
  readonly draining: boolean;
  /** Who is at the other end: the client that a trusted proxy announced, or the peer. */
  clientOf(socket: Pick<Socket, "remoteAddress">): string;
  handle(request: HttpRequest, exchange: Exchange): Answer;
  /**
   * The answer for an error that ended a request before its response began, for who counts it and writes it down.
   * @param exchange the request's, or one that was made for it: it names it. @param asked what was read of it.
   * @param handled it is under way in `handle`, which finds out and counts it.
   */
  refuse(error: BandstandError, exchange: Exchange, asked?: Asked, handled?: boolean): HttpResponse & { body: string };
  /** A request that came through to `handle` ended by an error here: for logs and metrics. */
  broke(error: BandstandError): void;
  closed(connection: ServerConnection): void;
  /** The client speaks HTTP/2 (RFC 9113, section 3.3); the socket is its owner's again, nothing of it read. */
  speaksHttp2(connection: ServerConnection, socket: Socket): void;
}
