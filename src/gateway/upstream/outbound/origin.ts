import { isIP, type LookupFunction } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { type HttpRequest, type HttpResponse, type Pending, type RawHeaders } from "../../../foundation/http/index.ts";
import { guardedLookup } from "../../../foundation/network/index.ts";
import { isHopByHop } from "../../http1/hop-by-hop.ts";
import type { Informed, Sent as SentOnce } from "../endpoint-client.ts";
import { EndpointPool } from "../http1/pool.ts";
import { ReadAhead } from "../places/read-ahead.ts";
import { isRepeatable } from "../repeatable.ts";
import { systemAuthorities } from "../secure.ts";
import { failureOf } from "./failure.ts";
import type { Origin } from "./grants.ts";

/** A request under way. */
export interface Sent {
  response: Pending<HttpResponse>;
  abort(reason: BandstandError): void;
}

/** Connections to one origin, of one thread. */
const connections = 256;
/** Milliseconds between two looks for origins that nobody asks any more: guests that may ask all make up as many as they like. */
const forgotten = 10_000;

/**
 * Requests of guests to origins elsewhere, by the driver that services have. No redirect is followed. Those who trust the same
 * authorities share their connections.
 */
export class Origins {
  readonly #pools = new Map<string, EndpointPool>();
  readonly #lookup: LookupFunction;
  readonly #secureContext: SecureContext;
  readonly #readAhead = new ReadAhead();
  #sweeper: NodeJS.Timeout | undefined;

  /**
   * @param authorities certificates in PEM that are trusted beside the system's.
   * @param lookup for tests.
   */
  constructor(authorities: readonly string[] = [], lookup = guardedLookup()) {
    this.#secureContext = createSecureContext({ ca: [...systemAuthorities(), ...authorities] });
    this.#lookup = lookup;
  }

  /** @param connect milliseconds until a connection counts as refused. @param informed for whom it is. */
  send(request: HttpRequest, origin: Origin, connect: number, { holder }: Informed = {}): Sent {
    const pool = this.#poolOf(origin);
    const informed: Informed = { holder, connect };
    const whole = sendable(request);
    // An idle connection may have died unseen: what may be done twice is, on a new one.
    const mayRepeat = isRepeatable(request);
    const failed = (error: unknown): never => {
      throw failureOf(error, connect);
    };
    let sent: SentOnce;
    const { response } = (sent = pool.send(whole, false, informed, (error) => {
      if (!mayRepeat || !(error instanceof BandstandError) || error.code !== "backend-reset") return failed(error);
      sent = pool.send(whole, true, informed, failed);
      return sent.response;
    }));
    return { response, abort: (reason) => sent.abort(reason) };
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }

  #poolOf({ scheme, host, port }: Origin): EndpointPool {
    const key = `${scheme} ${host} ${port}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      const servername = isIP(host) === 0 && { servername: host };
      const secure = { secureContext: this.#secureContext, ALPNProtocols: ["http/1.1"], ...servername };
      pool = new EndpointPool(host, port, {
        connections,
        lookup: this.#lookup,
        readAhead: this.#readAhead,
        ...(scheme === "https" && { secure }),
      });
      this.#pools.set(key, pool);
      this.#sweeper ??= setInterval(() => this.#sweep(), forgotten).unref();
    }
    return pool;
  }

  #sweep(): void {
    for (const [key, pool] of this.#pools) {
      if (pool.connections > 0 || pool.active > 0) continue;
      pool.close();
      this.#pools.delete(key);
    }
    if (this.#pools.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** The request without what is not its sender's to say. */
function sendable(request: HttpRequest): HttpRequest {
  const { headers } = request;
  let kept: RawHeaders | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const goes = !isHopByHop(name) && !(name.length === 6 && name.toLowerCase() === "expect");
    if (!goes) kept ??= headers.slice(0, index);
    else kept?.push(name, headers[index + 1] as string);
  }
  return kept === undefined ? request : { ...request, headers: kept };
}
