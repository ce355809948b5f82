import { performance } from "node:perf_hooks";
import type { LookupFunction } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type HttpResponse, type Pending } from "../../../foundation/http/index.ts";
import { rescued, type EndpointClient, type Informed, type Rescue, type Sent } from "../endpoint-client.ts";
import { secureOptions, type BackendTls } from "../secure.ts";
import type { Holder } from "../places/holder.ts";
import { Places, type WaitingClaim } from "../places/places.ts";
import { ReadAhead } from "../places/read-ahead.ts";
import { Tunnels, tunnelsFor } from "../places/tunnels.ts";
import { Connection, type ConnectionOwner, type Way } from "./connection.ts";

/** Limits of one endpoint's pool; every one has a default. */
export interface PoolOptions {
  /** Connections at most, idle ones included. */
  connections: number;
  /** Requests that may wait for one. */
  queue: number;
  /** Milliseconds until a connection counts as refused. */
  connectTimeout: number;
  /** Milliseconds that an idle connection is kept; below what backends keep theirs (Node: 5 s). */
  idleTimeout: number;
  /** Connections are TLS. */
  tls?: BackendTls;
  /** The same without a plan; one connection goes on with the session of another. */
  secure?: ConnectionOptions;
  /** Finds the addresses of a host that is a name. */
  lookup?: LookupFunction;
  /** For what clients do not take. */
  readAhead?: ReadAhead;
  /** WebSockets of all pools of the thread. */
  tunnels?: Tunnels;
}

const defaults = { connections: 256, queue: 1024, connectTimeout: 5000, idleTimeout: 4000 };
/** Connections besides, where nobody set a limit: those that only their clients hold up, and long answers. */
const aside = 768;
/** Milliseconds that a connection is closed before its backend does so: looks are so far apart, and requests take a while. */
const margin = 1500;

/** What somebody wants of the pool. */
interface Claim extends WaitingClaim {
  /** A new connection. */
  fresh: boolean;
  /** Milliseconds to wait for one. */
  connect: number | undefined;
}

/**
 * Connections to one endpoint, used last-in first-out so that surplus ones fall idle and close.
 * One request a connection at a time (no pipelining: one slow response would hold up others').
 */
export class EndpointPool implements ConnectionOwner, EndpointClient {
  readonly #way: Way;
  readonly #options: Pick<PoolOptions, "connectTimeout" | "idleTimeout">;
  readonly #places: Places<Connection>;
  readonly #idle: Connection[] = [];
  readonly readAhead: ReadAhead;
  readonly resumable: ConnectionOwner["resumable"];
  readonly #tunnels: Tunnels;
  #sweeper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(host: string, port: number, options: Partial<PoolOptions> = {}) {
    const secure = options.secure ?? (options.tls && secureOptions(options.tls, "http/1.1"));
    this.#way = { host, port, lookup: options.lookup, secure };
    if (options.secure !== undefined) this.resumable = (session) => (this.#way.secure = { ...options.secure, session });
    const { connections: most, queue, connectTimeout, idleTimeout } = { ...defaults, ...options };
    this.#options = { connectTimeout, idleTimeout };
    const limits = { most, queue, aside: options.connections === undefined ? aside : 0 };
    this.#places = new Places(`${host}:${port}`, limits);
    this.readAhead = options.readAhead ?? new ReadAhead();
    this.#tunnels = options.tunnels ?? new Tunnels(tunnelsFor(1));
  }

  get connections(): number {
    return this.#places.taken;
  }

  get active(): number {
    return this.#places.taken - this.#idle.length + this.#places.waiting;
  }

  giveUp(waiter: Holder | undefined): boolean {
    return this.#places.giveUp(waiter);
  }

  /**
   * Sends one request once. Rejects with `backend-unreachable` where no connection was had, `overloaded` where the
   * queue is full, `backend-reset` or `backend-broken` where it broke on the way.
   * @param fresh on a new connection: an idle one may have died unseen.
   * @param rescue is asked where it would reject.
   */
  send(request: HttpRequest, fresh = false, informed?: Informed, rescue?: Rescue): Sent {
    const plain = !fresh && request.upgrade === undefined && !isStream(request.body);
    const idle = plain ? this.#takeIdle() : undefined;
    return idle === undefined
      ? this.#claim(request, fresh, informed, rescue)
      : this.#sendBy(idle, request, informed, rescue);
  }

  /** Nearly always a connection is there. */
  #sendBy(taken: Connection, request: HttpRequest, informed?: Informed, rescue?: Rescue): Sent {
    const turn = taken.served;
    const abort = (reason: BandstandError): void => {
      if (taken.served === turn) taken.abort(reason);
    };
    try {
      return { response: taken.send(request, informed, rescue), abort };
    } catch (error) {
      // What must not go out has not touched the connection.
      this.idle(taken);
      return { response: rescued(Promise.reject(error as BandstandError), rescue), abort };
    }
  }

  #claim(request: HttpRequest, fresh: boolean, informed?: Informed, rescue?: Rescue): Sent {
    let connection: Connection | undefined;
    let turn = 0;
    const claim: Claim = { request, holder: informed?.holder, fresh, connect: informed?.connect, withdraw: undefined };
    let aborted: BandstandError | undefined;
    const start = (taken: Connection, askedThere?: Rescue): Pending<HttpResponse> => {
      if (aborted !== undefined) {
        this.idle(taken);
        return Promise.reject(aborted);
      }
      connection = taken;
      turn = taken.served;
      try {
        return taken.send(request, informed, askedThere);
      } catch (error) {
        // What must not go out has not touched the connection.
        this.idle(taken);
        throw error;
      }
    };
    const abort = (reason: BandstandError): void => {
      aborted = reason;
      claim.withdraw?.(reason);
      // Once its exchange is over, the connection is another request's.
      if (connection?.served === turn) connection.abort(reason);
    };
    try {
      if (request.upgrade !== undefined && !this.#tunnels.admits(claim.holder)) {
        throw new BandstandError("overloaded", "there are as many WebSockets as there may be");
      }
      // Who sends slowly must not fill the pool.
      const slow = isStream(request.body) && this.#places.crowded(this.#idle.length);
      const taken = slow ? this.#places.gather(claim, () => this.#take(claim)) : this.#take(claim);
      const response =
        taken instanceof Promise
          ? rescued(
              taken.then((one) => start(one)),
              rescue,
            )
          : start(taken, rescue);
      return { response, abort };
    } catch (error) {
      return { response: rescued(Promise.reject(error as BandstandError), rescue), abort };
    }
  }

  idle(connection: Connection): void {
    if (this.#closed || !connection.alive) return connection.close();
    this.#places.rest(connection);
    if (this.#places.room < 0 || (connection.keptFor ?? margin + 1) <= margin) return connection.close();
    connection.idleSince = undefined;
    this.#idle.push(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), Math.min(this.#options.idleTimeout / 8, 2000)).unref();
    this.#places.next();
  }

  /** Long-lived as it is, it must not take a request's place. */
  switched(connection: Connection): void {
    this.#tunnels.begin(connection, connection.holder);
    this.#places.leave(connection);
    this.#next();
  }

  closed(connection: Connection): void {
    this.#tunnels.end(connection);
    this.#places.leave(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#next();
  }

  /** Closes what is idle now and what is in use when it is done. Idempotent. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
    // `closed` takes each out of the list.
    while (this.#idle.length > 0) this.#idle[0]?.close();
    const { host, port } = this.#way;
    this.#places.clear(new BandstandError("backend-unreachable", `${host}:${port} is no endpoint any more`));
  }

  #next(): void {
    if (this.#places.room > 0) this.#places.next();
  }

  #take(claim: Claim): Connection | Promise<Connection> {
    const idle = claim.fresh ? undefined : this.#takeIdle();
    if (idle !== undefined) return idle;
    if (this.#places.room <= 0) this.#idle[0]?.close();
    if (this.#places.room > 0) {
      const connection = new Connection(this.#way, this, claim.connect ?? this.#options.connectTimeout);
      this.#places.take(connection);
      return connection;
    }
    return this.#places.gather(claim, () => this.#wait(claim));
  }

  #wait(claim: Claim): Promise<Connection> {
    const waiting = this.#places.wait(claim, () => this.#take(claim));
    const { connect } = claim;
    if (connect === undefined) return waiting;
    const late = (): void =>
      claim.withdraw?.(new BandstandError("backend-unreachable", `no place for a connection within ${connect} ms`));
    const timer = setTimeout(late, connect);
    return waiting.finally(() => clearTimeout(timer));
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.alive) continue;
      idle.ref(true);
      return idle;
    }
    return undefined;
  }

  #sweep(): void {
    const now = performance.now();
    const { idleTimeout } = this.#options;
    // Here and not with every request: what is idle now and busy again in a moment needs no change.
    for (const connection of this.#idle) {
      connection.ref(false);
      connection.idleSince ??= now;
    }
    const isOld = ({ idleSince = now, keptFor = idleTimeout + margin }: Connection): boolean =>
      now - idleSince > Math.min(idleTimeout, keptFor - margin);
    for (const connection of this.#idle.filter(isOld)) connection.close();
    if (this.#places.taken === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
  }
}
