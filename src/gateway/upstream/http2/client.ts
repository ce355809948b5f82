import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest } from "../../../foundation/http/index.ts";
import { rescued, type EndpointClient, type Informed, type Rescue, type Sent } from "../endpoint-client.ts";
import type { BackendTls } from "../secure.ts";
import { Session } from "./session.ts";

/** Limits of one endpoint. */
export interface Http2Options {
  /** Connections at most; a second one is opened where the first has all the streams that the backend allows. */
  connections: number;
  /** Milliseconds until a connection counts as refused. */
  connectTimeout: number;
  /** Milliseconds that a connection without streams is kept. */
  idleTimeout: number;
  /** Connections are TLS. */
  tls?: BackendTls;
}

const defaults: Http2Options = { connections: 8, connectTimeout: 5000, idleTimeout: 60_000 };

/** HTTP/2 to one endpoint, in clear text by prior knowledge (`kubernetes.io/h2c`) or with TLS: many requests on few connections. */
export class Http2Client implements EndpointClient {
  readonly #host: string;
  readonly #port: number;
  readonly #options: Http2Options;
  readonly #sessions = new Set<Session>();
  #closed = false;

  constructor(host: string, port: number, options: Partial<Http2Options> = {}) {
    this.#host = host;
    this.#port = port;
    this.#options = { ...defaults, ...options };
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get active(): number {
    let count = 0;
    for (const session of this.#sessions) count += session.streams;
    return count;
  }

  send(request: HttpRequest, fresh = false, informed?: Informed, rescue?: Rescue): Sent {
    try {
      const { response, abort } = this.#take(fresh).send(request, informed);
      return { response: rescued(response, rescue), abort };
    } catch (error) {
      return { response: rescued(Promise.reject(error as BandstandError), rescue), abort: () => {} };
    }
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.drain();
  }

  #take(fresh: boolean): Session {
    if (this.#closed) {
      throw new BandstandError("backend-unreachable", `${this.#host}:${this.#port} is no endpoint any more`);
    }
    if (!fresh) for (const session of this.#sessions) if (session.free) return session;
    if (this.#sessions.size >= this.#options.connections) {
      for (const session of this.#sessions) if (session.free) return session;
      const message = `all streams of ${this.#sessions.size} connections to ${this.#host}:${this.#port} are busy`;
      throw new BandstandError("overloaded", message);
    }
    const session = new Session(this.#host, this.#port, this.#options, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }
}
