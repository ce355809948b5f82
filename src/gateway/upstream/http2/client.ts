import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../../foundation/http/index.ts";
import { rescued, type EndpointClient, type Informed, type Rescue, type Sent } from "../endpoint-client.ts";
import type { Holder, Place } from "../places/holder.ts";
import { Places, type WaitingClaim } from "../places/places.ts";
import { ReadAhead } from "../places/read-ahead.ts";
import type { BackendTls } from "../secure.ts";
import { Session, streamsAtOnce } from "./session.ts";

/** Limits of one endpoint. */
export interface Http2Options {
  /** Connections at most; a second one is opened where the first has all the streams that the backend allows. */
  connections: number;
  /** Requests that may wait for a stream. */
  queue: number;
  /** Milliseconds until a connection counts as refused. */
  connectTimeout: number;
  /** Milliseconds that a connection without streams is kept. */
  idleTimeout: number;
  /** Connections are TLS. */
  tls?: BackendTls;
  /** For what clients do not take. */
  readAhead: ReadAhead;
}

const defaults = { connections: 8, queue: 1024, connectTimeout: 5000, idleTimeout: 60_000 };

/** HTTP/2 to one endpoint, in clear text by prior knowledge (`kubernetes.io/h2c`) or with TLS: many requests on few connections. */
export class Http2Client implements EndpointClient {
  readonly #host: string;
  readonly #port: number;
  readonly #options: Http2Options;
  readonly #sessions = new Set<Session>();
  readonly #places: Places<Place>;
  #closed = false;

  constructor(host: string, port: number, options: Partial<Http2Options> = {}) {
    this.#host = host;
    this.#port = port;
    this.#options = { ...defaults, readAhead: new ReadAhead(), ...options };
    // How many streams there are is each connection's to say.
    const limits = { most: Number.POSITIVE_INFINITY, aside: 0, queue: this.#options.queue };
    this.#places = new Places(`${host}:${port}`, limits);
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get active(): number {
    return this.#places.taken + this.#places.waiting;
  }

  giveUp(waiter: Holder | undefined): boolean {
    return this.#places.giveUp(waiter);
  }

  send(request: HttpRequest, fresh = false, informed?: Informed, rescue?: Rescue): Sent {
    try {
      const session = this.#take(fresh);
      const { response, abort } = session?.send(request, informed) ?? this.#sendLater(request, fresh, informed);
      return { response: rescued(response, rescue), abort };
    } catch (error) {
      return { response: rescued(Promise.reject(error as BandstandError), rescue), abort: () => {} };
    }
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.drain();
    this.#places.clear(this.#gone());
  }

  /** All streams are busy: it waits for its turn. */
  #sendLater(request: HttpRequest, fresh: boolean, informed: Informed | undefined): Sent {
    const claim: WaitingClaim = { request, holder: informed?.holder, withdraw: undefined };
    let sent: Sent | undefined;
    const take = (): PromiseLike<HttpResponse> => {
      sent = this.#take(fresh)?.send(request, informed);
      return sent?.response ?? this.#places.wait(claim, take);
    };
    const response = Promise.resolve(this.#places.gather(claim, take));
    return { response, abort: (reason) => (sent?.abort ?? claim.withdraw)?.(reason) };
  }

  /** Undefined: all streams of all connections are busy. */
  #take(fresh: boolean): Session | undefined {
    if (this.#closed) throw this.#gone();
    const best = this.#best();
    if (this.#sessions.size >= this.#options.connections) return best;
    // Some backends serve nobody on a connection whose streams are not read.
    if (!fresh && best !== undefined && best.paused === 0 && best.streams < streamsAtOnce) return best;
    const onOver = (): void => {
      this.#sessions.delete(session);
      if (this.#sessions.size < this.#options.connections) this.#places.next();
    };
    const onFree = (place: Place): void => {
      this.#places.leave(place);
      if (session.free) this.#places.next();
    };
    const onBegin = (place: Place): void => this.#places.take(place);
    const owner = { readAhead: this.#options.readAhead, onOver, onBegin, onFree };
    const session = new Session(this.#host, this.#port, this.#options, owner);
    this.#sessions.add(session);
    return session;
  }

  /** With room, with the fewest streams that stand still, and of those with the fewest; undefined: none has room. */
  #best(): Session | undefined {
    let best: Session | undefined;
    for (const session of this.#sessions) {
      if (!session.free) continue;
      const less = best === undefined || session.paused - best.paused || session.streams - best.streams;
      if (less === true || less < 0) best = session;
    }
    return best;
  }

  #gone(): BandstandError {
    return new BandstandError("backend-unreachable", `${this.#host}:${this.#port} is no endpoint any more`);
  }
}
