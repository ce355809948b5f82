import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { performance } from "node:perf_hooks";
import { listenError } from "../listener/http1/listen-error.ts";
import type { Refused, StreamTarget } from "./targets.ts";
import { Waiting } from "./waiting.ts";

/** Where nothing came or went for so long, the next datagram of a client may go elsewhere. Milliseconds. */
const idle = 60_000;
/** Clients of one socket at a time: each has a socket to its backend. */
const most = 4_096;
/** Bytes that one socket may have for a network that takes nothing now. */
const mostQueued = 1024 * 1024;

export interface DatagramServerOptions {
  address: string;
  port: number;
  reusePort: boolean;
  destination(): StreamTarget | Refused;
  ended(target: { route: string; backend?: string }, code: string): void;
}

/** One client, by its address and port. */
interface Session {
  socket: Socket;
  target: StreamTarget;
  /** `performance.now()` of the last datagram in either direction. */
  moved: number;
  /** Until the backend can be sent to. */
  waiting: Buffer[] | undefined;
}

/** Passes datagrams on: those of one client to one endpoint, and what comes from there back. Life: `open` → `drain` → `close`. */
export class DatagramServer {
  readonly refused = 0;
  readonly #options: DatagramServerOptions;
  readonly #server: Socket;
  /** The one that moved last is last. */
  readonly #sessions = new Map<string, Session>();
  readonly #waiting = new Waiting();
  #sweeper: NodeJS.Timeout | undefined;
  #draining = false;

  constructor(options: DatagramServerOptions) {
    this.#options = options;
    const type = isIPv6(options.address) ? "udp6" : "udp4";
    this.#server = createSocket({ type, reusePort: options.reusePort });
    this.#server.on("message", (datagram, from) => this.#receive(datagram, from));
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** Binds. Throws `port-in-use` or `environment` with its remedy. */
  async open(): Promise<void> {
    const { address, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, address, port)));
      this.#server.bind({ address, port }, resolve);
    });
    // Of one datagram that cannot be sent nobody needs to know.
    this.#server.removeAllListeners("error").on("error", () => {});
    this.#sweeper = setInterval(() => this.#sweep(), idle / 6).unref();
  }

  /** New clients are not served; nothing tells when the others are done, so they have all of the time where there are any. */
  async drain(milliseconds: number): Promise<void> {
    this.#draining = true;
    const deadline = performance.now() + milliseconds;
    const quiet = (): boolean => {
      const now = performance.now();
      return now >= deadline || [...this.#sessions.values()].every(({ moved }) => now - moved > 1_000);
    };
    while (!quiet()) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const [key, session] of this.#sessions) this.#end(key, session);
    try {
      this.#server.close();
    } catch {
      // It was closed before.
    }
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${from.port}`;
    const session = this.#sessions.get(key) ?? this.#begin(key, from);
    if (session === undefined) return;
    this.#moved(key, session);
    const { socket, waiting } = session;
    if (waiting === undefined) {
      if (hasRoom(socket)) socket.send(datagram, ignore);
    } else this.#waiting.add(waiting, datagram);
  }

  #begin(key: string, from: RemoteInfo): Session | undefined {
    if (this.#draining) return undefined;
    const target = this.#options.destination();
    if ("reason" in target) return void this.#options.ended(target, target.reason);
    const place = target.upstream.place();
    if (place === undefined) return void this.#options.ended(target, "backend-unreachable");
    const { host, port } = place.endpoint;
    const [oldest] = this.#sessions.size >= most ? this.#sessions : [];
    if (oldest !== undefined) this.#end(...oldest);
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    const session: Session = { socket, target, moved: 0, waiting: [] };
    this.#sessions.set(key, session);
    socket.on("message", (answer) => {
      this.#moved(key, session);
      if (hasRoom(this.#server)) this.#server.send(answer, from.port, from.address, ignore);
    });
    // The endpoint's port is closed, or its name is not known: another one may be had.
    socket.on("error", (error) => {
      place.failed(error);
      this.#end(key, session, "backend-unreachable");
    });
    socket.once("connect", () => {
      for (const datagram of this.#taken(session)) socket.send(datagram, ignore);
    });
    socket.connect(port, host);
    return session;
  }

  /** What waited of a client, once nothing does any more. */
  #taken(session: Session): Buffer[] {
    const taken = this.#waiting.take(session.waiting ?? []);
    session.waiting = undefined;
    return taken;
  }

  #moved(key: string, session: Session): void {
    session.moved = performance.now();
    if (this.#sessions.get(key) !== session) return;
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
  }

  #end(key: string, session: Session, code = "closed"): void {
    if (this.#sessions.get(key) !== session) return;
    this.#sessions.delete(key);
    this.#taken(session);
    session.socket.removeAllListeners("connect").close();
    this.#options.ended(session.target, code);
  }

  #sweep(): void {
    const now = performance.now();
    for (const [key, session] of this.#sessions) {
      if (now - session.moved < idle) break;
      this.#end(key, session);
    }
  }
}

function hasRoom(socket: Socket): boolean {
  return socket.getSendQueueSize() < mostQueued;
}

function ignore(): void {}
