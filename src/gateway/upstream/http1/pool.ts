import { performance } from "node:perf_hooks";
import type { ConnectionOptions } from "node:tls";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse, Pending } from "../../../foundation/http/index.ts";
import { rescued, type EndpointClient, type Informed, type Rescue, type Sent } from "../endpoint-client.ts";
import { secureOptions, type BackendTls } from "../secure.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { Waiting } from "./waiting.ts";

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
}

const defaults: PoolOptions = { connections: 256, queue: 1024, connectTimeout: 5000, idleTimeout: 4000 };

/**
 * Connections to one endpoint, used last-in first-out so that surplus ones fall idle and close.
 * One request a connection at a time (no pipelining: one slow response would hold up others').
 */
export class EndpointPool implements ConnectionOwner, EndpointClient {
  readonly #host: string;
  readonly #port: number;
  readonly #options: PoolOptions;
  readonly #secure: ConnectionOptions | undefined;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiting;
  #sweeper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(host: string, port: number, options: Partial<PoolOptions> = {}) {
    this.#host = host;
    this.#port = port;
    this.#options = { ...defaults, ...options };
    this.#secure = options.tls && secureOptions(options.tls, "http/1.1");
    this.#waiting = new Waiting(`${host}:${port}`, this.#options.queue);
  }

  get connections(): number {
    return this.#all.size;
  }

  get active(): number {
    return this.#all.size - this.#idle.length + this.#waiting.length;
  }

  /**
   * Sends one request once. Rejects with `backend-unreachable` where no connection was had, `overloaded` where the
   * queue is full, `backend-reset` or `backend-broken` where it broke on the way.
   * @param fresh on a new connection: an idle one may have died unseen.
   * @param rescue is asked where it would reject.
   */
  send(request: HttpRequest, fresh = false, informed?: Informed, rescue?: Rescue): Sent {
    let connection: Connection | undefined;
    let turn = 0;
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
      // Once its exchange is over, the connection is another request's.
      if (connection?.served === turn) connection.abort(reason);
    };
    try {
      const taken = this.#take(fresh);
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
    connection.idleSince = undefined;
    this.#idle.push(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), Math.min(this.#options.idleTimeout / 8, 2000)).unref();
    this.#waiting.next();
  }

  /** Long-lived as it is, it must not take a request's place. */
  switched(connection: Connection): void {
    this.#all.delete(connection);
    this.#waiting.next();
  }

  closed(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#waiting.next();
  }

  /** Closes what is idle now and what is in use when it is done. Idempotent. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
    // `closed` takes each out of the list.
    while (this.#idle.length > 0) this.#idle[0]?.close();
    this.#waiting.clear(
      new BandstandError("backend-unreachable", `${this.#host}:${this.#port} is no endpoint any more`),
    );
  }

  #take(fresh: boolean): Connection | Promise<Connection> {
    for (let idle = fresh ? undefined : this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.alive) continue;
      idle.ref(true);
      return idle;
    }
    if (this.#all.size >= this.#options.connections) this.#idle[0]?.close();
    const { connections, connectTimeout } = this.#options;
    if (this.#all.size < connections) {
      const connection = new Connection(this.#host, this.#port, this, connectTimeout, this.#secure);
      this.#all.add(connection);
      return connection;
    }
    return new Promise((resolve, reject) => {
      const start = (): void => {
        try {
          resolve(this.#take(fresh));
        } catch (error) {
          reject(error as BandstandError);
        }
      };
      this.#waiting.add(start, reject);
    });
  }

  #sweep(): void {
    const now = performance.now();
    const old = now - this.#options.idleTimeout;
    // Here and not with every request: what is idle now and busy again in a moment needs no change.
    for (const connection of this.#idle) {
      connection.ref(false);
      connection.idleSince ??= now;
    }
    for (const connection of this.#idle.filter(({ idleSince = now }) => idleSince < old)) connection.close();
    if (this.#all.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
  }
}
