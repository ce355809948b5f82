import type { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest } from "../../foundation/http/index.ts";
import type { ListenerPlan } from "../../model/plan/index.ts";
import { DatagramServer } from "../streams/datagrams.ts";
import { StreamServer, type Destination } from "../streams/server.ts";
import type { Refused, StreamTarget } from "../streams/targets.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { ConnectionOwner } from "./http1/owner.ts";
import { Http1Server } from "./http1/server.ts";
import { connectionBytes, connectionsFor, Room } from "./room.ts";
import { sharesPorts } from "./shares-ports.ts";
import { Untaken, untakenBytes } from "./untaken.ts";
import type { ServerNames } from "./tls/server-names.ts";

/** A socket to listen on. */
export interface SocketPlan {
  address: string;
  port: number;
  protocol: ListenerPlan["protocol"];
}

/** Whatever listens on one socket. */
interface ListeningServer {
  readonly connections: number;
  readonly refused: number;
  open(): Promise<unknown>;
  drain(milliseconds: number): Promise<void>;
  close(): void;
}

/** What listening sockets do with requests. `key` is the socket's own. */
export interface SocketHandler {
  handle(key: string, port: number, request: HttpRequest, exchange: Exchange): Answer;
  /** The certificates of an HTTPS socket now. */
  names(key: string): ServerNames | undefined;
  /** Whose connections begin with the PROXY protocol; undefined: nobody's. */
  proxies(key: string): ((address: string) => boolean) | undefined;
  /** Bytes a second that bodies of requests come with at least; undefined: the default. */
  bodyRate(key: string): number | undefined;
  /** Where a connection goes in which nothing is read. @param terminated its handshake was made here. */
  destination(key: string, name: string | undefined, terminated: boolean): Destination;
  /** Where the datagrams of a client go. */
  datagrams(key: string): StreamTarget | Refused;
  /** A connection, or the datagrams of a client, came to an end. */
  streamed(target: { route: string; backend?: string }, code: string): void;
  refuse: ConnectionOwner["refuse"];
  broke(error: BandstandError): void;
}

/** The listening sockets of one thread. */
export class Sockets {
  readonly #handler: SocketHandler;
  readonly #room: Room;
  readonly #untaken: Untaken;
  readonly #open = new Map<string, ListeningServer>();
  /** Closed to new connections, with requests that still end. */
  readonly #ending = new Set<ListeningServer>();
  /** Connections refused by sockets that are closed. */
  #refused = 0;

  /** @param workers threads that share the files and the memory of the process. */
  constructor(handler: SocketHandler, workers: number) {
    this.#handler = handler;
    this.#untaken = new Untaken(untakenBytes(workers));
    this.#room = new Room(connectionsFor(workers), connectionBytes(workers));
  }

  has(key: string): boolean {
    return this.#open.has(key);
  }

  keys(): string[] {
    return [...this.#open.keys()];
  }

  get connections(): number {
    let count = 0;
    for (const server of [...this.#open.values(), ...this.#ending]) count += server.connections;
    return count;
  }

  /** Connections that were closed at once since this thread began. */
  get refused(): number {
    let count = this.#refused;
    for (const server of [...this.#open.values(), ...this.#ending]) count += server.refused;
    return count;
  }

  /** Throws `port-in-use` or `environment` with its remedy. */
  async open(key: string, plan: SocketPlan): Promise<void> {
    const server = this.#serverFor(key, plan);
    await server.open();
    this.#open.set(key, server);
  }

  #serverFor(key: string, { address, port, protocol }: SocketPlan): ListeningServer {
    const handler = this.#handler;
    const place = { address, port, reusePort: sharesPorts };
    if (protocol === "UDP") {
      return new DatagramServer({
        ...place,
        destination: () => handler.datagrams(key),
        ended: (target, code) => handler.streamed(target, code),
      });
    }
    if (protocol === "TCP" || protocol === "TLS") {
      return new StreamServer({
        ...place,
        room: this.#room,
        tls: protocol === "TLS",
        names: () => handler.names(key),
        proxies: () => handler.proxies(key),
        destination: (name, terminated) => handler.destination(key, name, terminated),
        ended: (target, code) => handler.streamed(target, code),
        broke: (error) => handler.broke(error),
      });
    }
    return new Http1Server({
      ...place,
      room: this.#room,
      untaken: this.#untaken,
      ...(protocol === "HTTPS" ? { names: () => handler.names(key) } : {}),
      proxies: () => handler.proxies(key),
      bodyRate: () => handler.bodyRate(key),
      handle: (request, exchange) => handler.handle(key, port, request, exchange),
      refuse: (error, exchange, asked, handled) => handler.refuse(error, exchange, asked, handled),
      broke: (error) => handler.broke(error),
    });
  }

  /** Takes no more connections on a socket; requests under way end, at most so many milliseconds later. */
  async close(key: string, milliseconds: number): Promise<void> {
    const server = this.#open.get(key);
    if (server === undefined) return;
    this.#open.delete(key);
    this.#ending.add(server);
    await server.drain(milliseconds);
    server.close();
    this.#ending.delete(server);
    this.#refused += server.refused;
  }

  /** `close` for all of them. */
  async drain(milliseconds: number): Promise<void> {
    await Promise.all(this.keys().map((key) => this.close(key, milliseconds)));
  }
}
