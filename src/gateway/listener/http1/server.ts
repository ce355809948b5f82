import { performance } from "node:perf_hooks";
import { createServer, type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Arrival, arrivalOf } from "../arrival.ts";
import { Emptying } from "../emptying.ts";
import { Http2Sessions } from "../http2/sessions.ts";
import { takeProxyHeader } from "../proxy-protocol.ts";
import { Handshakes } from "../tls/handshakes.ts";
import { goAway, turnAway } from "../tls/opening.ts";
import type { ServerNames } from "../tls/server-names.ts";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { Exchange } from "../exchange.ts";
import { listen } from "./listen-error.ts";
import { bytesEach, connectionBytes, connectionsFor, Room, type RoomUser } from "../room.ts";
import { LinkedList } from "../linked-list.ts";
import { Untaken, untakenBytes } from "../untaken.ts";
import { ServerConnection } from "./connection.ts";
import type { ConnectionOwner } from "./owner.ts";
import { readingIntoLentBuffer } from "./lent-buffer.ts";
import { awaitOpening } from "./first-read.ts";
import { defaultLimits, type ConnectionLimits } from "./limits.ts";
import { writeResponseHead } from "./response.ts";

export interface Http1ServerOptions {
  address: string;
  /** 0 picks one. */
  port: number;
  /** Several threads listen on one port, each with its own socket. */
  reusePort: boolean;
  /** How many connections there may be, of all sockets that share it; without, as many as of one thread. */
  room?: Room;
  /** Memory for answers that clients do not take, of all sockets that share it; without, as much as of one thread. */
  untaken?: Untaken;
  limits?: Partial<ConnectionLimits>;
  /** TLS with the certificates of this moment; undefined: clear text. */
  names?: () => ServerNames | undefined;
  /** Whose connections begin with the PROXY protocol at this moment; undefined: nobody's. */
  proxies?: () => ((address: string) => boolean) | undefined;
  /** Bytes a second that bodies of requests come with at least, at this moment; undefined: what `limits` say. */
  bodyRate?: () => number | undefined;
  handle: ConnectionOwner["handle"];
  refuse: ConnectionOwner["refuse"];
  broke: ConnectionOwner["broke"];
}

/** Looks for a connection without a request, at most, when one has to go. */
const looks = 512;

/** An HTTP/1.1 server on `node:net`, which leaves connections that speak HTTP/2 to node:http2. Life: `open` → `drain` → `close`. */
export class Http1Server implements ConnectionOwner, RoomUser {
  readonly limits: ConnectionLimits;
  readonly handle: ConnectionOwner["handle"];
  readonly refuse: ConnectionOwner["refuse"];
  readonly broke: ConnectionOwner["broke"];
  readonly untaken: Untaken;
  draining = false;
  /** Connections that were closed at once, since there were too many. */
  refused = 0;
  readonly #options: Http1ServerOptions;
  readonly #server: Server;
  readonly #connections = new LinkedList<ServerConnection>();
  readonly #handshakes: Handshakes | undefined;
  /** Connections in their handshake, and those whose PROXY header is still to come. */
  readonly #early = new LinkedList<Arrival>();
  /** Sockets below TLS whose handshake is done. */
  readonly #below = new LinkedList<Arrival>();
  readonly #room: Room;
  #sessions: Http2Sessions | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  readonly #emptying = new Emptying();

  constructor(options: Http1ServerOptions) {
    this.#options = options;
    this.limits = { ...defaultLimits, ...options.limits };
    this.handle = options.handle;
    this.refuse = options.refuse;
    this.broke = options.broke;
    this.untaken = options.untaken ?? new Untaken(untakenBytes(1));
    this.#room = options.room ?? new Room(connectionsFor(1), connectionBytes(1));
    const { names } = options;
    this.#handshakes = names && new Handshakes(names, ["h2", "http/1.1"], (socket) => this.#secured(socket));
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
    server.on("connection", (socket) => this.#accept(socket));
    this.#server = server;
  }

  get bodyRate(): number {
    return this.#options.bodyRate?.() ?? this.limits.bodyRate;
  }

  /** Connections now. */
  get connections(): number {
    return this.#connections.size + (this.#sessions?.size ?? 0);
  }

  /** Binds. @returns the port. Throws `port-in-use` with its remedy. */
  async open(): Promise<number> {
    const { address, port, reusePort } = this.#options;
    await listen(this.#server, { host: address, port, reusePort });
    this.#room.enter(this);
    // One clock for all connections: a timer each would cost two allocations a request.
    this.#sweeper = setInterval(() => this.#sweep(), 500).unref();
    const bound = this.#server.address();
    return typeof bound === "object" && bound !== null ? bound.port : port;
  }

  /** Takes no more connections, closes idle ones, and waits until the rest is done, at most so many milliseconds. */
  async drain(milliseconds: number): Promise<void> {
    this.draining = true;
    this.#server.close();
    for (const connection of this.#connections) if (connection.idle) connection.destroy();
    this.#sessions?.drain();
    await this.#emptying.within(milliseconds, this.#isEmpty);
  }

  /** Ends every connection now. Idempotent. */
  close(): void {
    this.#room.leave(this);
    clearInterval(this.#sweeper);
    if (this.#server.listening) this.#server.close();
    for (const { socket } of this.#early) socket.destroy();
    for (const { socket } of this.#below) socket.destroy();
    for (const connection of this.#connections) connection.destroy();
    this.#sessions?.close();
  }

  /** Node's own count would miss connections that read into the common buffer. */
  get held(): number {
    // Behind TLS every connection has a socket below it.
    return this.#early.size + this.#below.size + (this.#handshakes === undefined ? this.connections : 0);
  }

  get each(): number {
    return this.#handshakes === undefined ? bytesEach.plain : bytesEach.tls;
  }

  makeRoom(): boolean {
    const early = this.#early.first;
    if (early !== undefined) {
      early.standIn(undefined);
      early.socket.destroy();
      return true;
    }
    let look = 0;
    for (const connection of this.#connections) {
      this.#connections.leave(connection);
      if (connection.carriesNothing) {
        connection.destroy();
        return true;
      }
      // The next look begins behind it.
      this.#connections.enter(connection);
      if (++look === looks) break;
    }
    return this.#sessions?.closeIdle() ?? false;
  }

  #accept(socket: Socket): void {
    if (!this.#room.admits()) {
      this.refused++;
      return void socket.destroy();
    }
    const proxied = this.#options.proxies?.()?.(addressOf(socket)) === true;
    if (this.#handshakes === undefined && !proxied) return this.#serve(readingIntoLentBuffer(socket));
    const arrival = new Arrival(socket);
    arrival.standIn(this.#early);
    if (proxied) this.#awaitProxyHeader(arrival);
    else this.#begin(arrival);
  }

  #awaitProxyHeader(arrival: Arrival): void {
    const { socket } = arrival;
    takeProxyHeader(socket, this.limits.headTimeout, (source) => {
      arrival.source = source;
      if (this.#handshakes !== undefined) return this.#begin(arrival);
      arrival.standIn(undefined);
      this.#serve(socket);
      socket.resume();
    });
  }

  clientOf(socket: Pick<Socket, "remoteAddress">): string {
    const arrival = arrivalOf(socket);
    return arrival?.source ?? addressOf(arrival?.socket ?? socket);
  }

  #begin(arrival: Arrival): void {
    const { socket } = arrival;
    arrival.deadline = performance.now() + this.limits.headTimeout;
    awaitOpening(socket, this.limits.headTimeout, (opening) => {
      arrival.deadline = Number.POSITIVE_INFINITY;
      if (opening === "handshake") this.#handshakes?.accept(socket);
      else this.#turnAway(socket, opening);
    });
  }

  #secured(socket: TLSSocket): void {
    const arrival = arrivalOf(socket) ?? this.#samePeer(socket);
    arrival?.secured(socket);
    arrival?.standIn(this.#below);
    if (socket.alpnProtocol === "h2") this.#http2().accept(socket);
    else this.#serve(socket);
  }

  #samePeer({ remoteAddress, remotePort }: TLSSocket): Arrival | undefined {
    for (const arrival of this.#early) {
      const { socket } = arrival;
      if (socket.remotePort === remotePort && socket.remoteAddress === remoteAddress) return arrival;
    }
    return undefined;
  }

  /** A request without TLS came. */
  #turnAway(socket: Socket, opening: "http1" | "http2"): void {
    const error = new BandstandError("request-malformed", "plain HTTP came to a port that speaks HTTPS");
    const answer = this.refuse(error, new Exchange(this.clientOf(socket), performance.now()));
    if (opening === "http2") return turnAway(socket, goAway(error.message));
    const { text } = writeResponseHead(answer, { method: "GET", old: false }, true);
    turnAway(socket, text + answer.body);
  }

  speaksHttp2(connection: ServerConnection, socket: Socket): void {
    this.#connections.leave(connection);
    this.#http2().accept(socket);
  }

  #http2(): Http2Sessions {
    return (this.#sessions ??= new Http2Sessions(this, () => this.#emptied()));
  }

  #emptied(): void {
    if (this.#isEmpty) this.#emptying.over();
  }

  get #isEmpty(): boolean {
    return this.#connections.size === 0 && (this.#sessions?.size ?? 0) === 0;
  }

  #serve(socket: Socket): void {
    const connection = new ServerConnection(socket, this);
    this.#connections.enter(connection);
  }

  closed(connection: ServerConnection): void {
    this.#connections.leave(connection);
    this.#emptied();
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections) if (connection.deadline < now) connection.expire();
    for (const { socket, deadline } of this.#early) if (deadline < now) socket.destroy();
  }
}

/** A socket for both families shows IPv4 peers as IPv6 addresses. */
export function addressOf({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, "");
}
