import { createServer, type Server, type Socket } from "node:net";
import type { BandstandError } from "../../foundation/errors/index.ts";
import { Emptying } from "../listener/emptying.ts";
import { listen } from "../listener/http1/listen-error.ts";
import { addressOf } from "../listener/http1/server.ts";
import { takeProxyHeader } from "../listener/proxy-protocol.ts";
import { bytesEach, type Room, type RoomUser } from "../listener/room.ts";
import { Handshakes } from "../listener/tls/handshakes.ts";
import type { ServerNames } from "../listener/tls/server-names.ts";
import { awaitHello } from "./client-hello.ts";
import { connectTo } from "./connect.ts";
import { relay } from "./relay.ts";
import type { Refused, StreamTarget } from "./targets.ts";

/** For the first bytes that a client must say. Milliseconds. */
const patience = 10_000;

/** What becomes of a connection: its handshake is made here first, or it goes on as it is. */
export type Destination = "terminate" | StreamTarget | Refused;

export interface StreamServerOptions {
  address: string;
  port: number;
  /** Several threads listen on one port, each with its own socket. */
  reusePort: boolean;
  room: Room;
  /** TLS: connections begin with a handshake, which tells the name. */
  tls: boolean;
  /** Certificates of the handshakes that are made here, at this moment. */
  names(): ServerNames | undefined;
  /** Whose connections begin with the PROXY protocol at this moment; undefined: nobody's. */
  proxies(): ((address: string) => boolean) | undefined;
  /** @param terminated its handshake was made here. */
  destination(name: string | undefined, terminated: boolean): Destination;
  /** A connection ended, or came to nothing. */
  ended(target: { route: string; backend?: string }, code: string): void;
  broke(error: BandstandError): void;
}

/** Listens for connections in which nothing is read but, where it is TLS, the name that they ask for. Life: `open` → `drain` → `close`. */
export class StreamServer implements RoomUser {
  /** Connections that were closed at once, since there were too many. */
  refused = 0;
  readonly #options: StreamServerOptions;
  readonly #server: Server;
  readonly #handshakes: Handshakes | undefined;
  /** Every socket of a client. */
  readonly #clients = new Set<Socket>();
  /** Of those, the ones that have no backend yet: they give way where there are too many. */
  readonly #waiting = new Set<Socket>();
  #relays = 0;
  readonly #emptying = new Emptying();

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#handshakes = options.tls
      ? new Handshakes(options.names, [], (socket) => {
          this.#track(socket);
          this.#lead(socket, socket.servername || undefined, true);
        })
      : undefined;
    this.#server = createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    this.#server.on("connection", (socket) => this.#accept(socket));
  }

  get connections(): number {
    return this.#relays;
  }

  get held(): number {
    return this.#clients.size;
  }

  get each(): number {
    return this.#handshakes === undefined ? bytesEach.plain : bytesEach.tls;
  }

  makeRoom(): boolean {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    this.#waiting.delete(first);
    first.destroy();
    return true;
  }

  /** Binds. Throws `port-in-use` or `environment` with its remedy. */
  async open(): Promise<void> {
    const { address, port, reusePort, room } = this.#options;
    await listen(this.#server, { host: address, port, reusePort });
    room.enter(this);
  }

  /** Takes no more connections, and waits until the others are over, at most so many milliseconds. */
  async drain(milliseconds: number): Promise<void> {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    await this.#emptying.within(milliseconds, this.#relays === 0);
  }

  /** Ends every connection now. Idempotent. */
  close(): void {
    this.#options.room.leave(this);
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#clients) socket.destroy();
  }

  #accept(socket: Socket): void {
    const { room, proxies } = this.#options;
    if (!room.admits()) {
      this.refused++;
      return void socket.destroy();
    }
    this.#track(socket);
    if (proxies()?.(addressOf(socket)) !== true) return this.#begin(socket);
    takeProxyHeader(socket, patience, () => this.#begin(socket));
  }

  #track(socket: Socket): void {
    this.#clients.add(socket);
    this.#waiting.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#clients.delete(socket);
      this.#waiting.delete(socket);
    });
  }

  #begin(socket: Socket): void {
    if (this.#handshakes === undefined) return this.#lead(socket, undefined, false);
    awaitHello(socket, patience, ({ name }) => {
      const destination = this.#options.destination(name, false);
      if (destination !== "terminate") return this.#take(socket, destination);
      this.#handshakes?.accept(socket);
    });
  }

  #lead(socket: Socket, name: string | undefined, terminated: boolean): void {
    const destination = this.#options.destination(name, terminated);
    if (destination === "terminate") return void socket.destroy();
    this.#take(socket, destination);
  }

  /** What goes nowhere is reset: an end without an answer would look like one. */
  #take(socket: Socket, target: StreamTarget | Refused): void {
    if ("reason" in target) {
      this.#options.ended({ route: target.route }, target.reason);
      return reset(socket);
    }
    connectTo(target, socket).then(
      (backend) => {
        if (socket.destroyed) return void backend.destroy();
        this.#waiting.delete(socket);
        this.#relays++;
        relay(socket, backend, () => {
          this.#options.ended(target, "closed");
          if (--this.#relays === 0) this.#emptying.over();
        });
      },
      (error: BandstandError) => {
        this.#options.ended(target, error.code);
        this.#options.broke(error);
        reset(socket);
      },
    );
  }
}

/** Node resets no connection below TLS; there, what is missing is the end that TLS has of its own. */
function reset(socket: Socket): void {
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}
