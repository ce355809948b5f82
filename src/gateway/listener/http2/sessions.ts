import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { nextTurn } from "../../../foundation/time/turns.ts";
import type { ConnectionOwner } from "../http1/owner.ts";
import { StreamExchange, type Peer } from "./stream.ts";

/** Requests at once on one connection; nginx has 128. */
const streams = 128;

/** What is known of a connection. */
interface Known {
  /** That it carries now. */
  streams: number;
  /** The same for all of them; found with the first. */
  peer: Peer | undefined;
}

/** HTTP/2 connections of one listening socket, on node:http2, which never listens itself. */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, Known>();
  readonly #onEmpty: () => void;
  /** Streams whose requests are not looked at yet. */
  readonly #begun: StreamExchange[] = [];

  constructor(owner: ConnectionOwner, onEmpty: () => void) {
    this.#onEmpty = onEmpty;
    this.#server = createServer({
      settings: {
        maxConcurrentStreams: streams,
        maxHeaderListSize: owner.limits.headBytes,
        enableConnectProtocol: true,
        // Enough for a fast upload; a slow reader holds at most this for each stream.
        initialWindowSize: 256 * 1024,
      },
      maxHeaderListPairs: owner.limits.headers + 8,
      // Floods end the connection: resets in a row, settings, pings without answer, memory that nobody takes.
      streamResetBurst: 500,
      streamResetRate: 100,
      maxSettings: 16,
      maxOutstandingPings: 8,
      maxSessionMemory: 16,
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
      unknownProtocolTimeout: 1000,
      // A backend's two lines of Content-Type are its own doing, as they are by HTTP/1.1.
      strictSingleValueFields: false,
    } as Parameters<typeof createServer>[0] & object);
    this.#server.on("sessionError", () => {});
    this.#server.on("session", (session) => {
      const known: Known = { streams: 0, peer: undefined };
      this.#sessions.set(session, known);
      session.setTimeout(owner.limits.idleTimeout, () => {
        if (known.streams > 0) return session.close();
        // To close it would wait for a head whose end does not come.
        session.destroy();
      });
      session.on("error", () => {});
      session.on("close", () => {
        this.#sessions.delete(session);
        if (this.#sessions.size === 0) this.#onEmpty();
      });
    });
    this.#server.on("stream", (...args: unknown[]) => {
      const [stream, , , raw] = args as [ServerHttp2Stream, object, number, string[]];
      const known = this.#sessions.get(stream.session as ServerHttp2Session) ?? { streams: 0, peer: undefined };
      const peer = (known.peer ??= peerOf(stream.session, owner));
      known.streams++;
      this.#begun.push(new StreamExchange(stream, owner, peer, raw, () => void known.streams--));
      if (this.#begun.length === 1) nextTurn(() => this.#run());
    });
  }

  /**
   * Begins what one read of each connection brought, behind all of that: 64 KiB hold 1900 requests that are taken back at
   * once, each of which would have had a connection to a backend.
   */
  #run(): void {
    for (const exchange of this.#begun.splice(0)) exchange.run();
  }

  /** Ends the oldest connection without a stream. False: there is none. */
  closeIdle(): boolean {
    for (const [session, known] of this.#sessions) {
      if (known.streams > 0) continue;
      this.#sessions.delete(session);
      session.destroy();
      return true;
    }
    return false;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Takes a connection over; what was read of it already must have been put back. */
  accept(socket: Socket): void {
    // A client that ended its side left: nobody there opens a window any more, and what works for it would wait.
    socket.once("end", () => socket.destroy());
    this.#server.emit("connection", socket);
  }

  /** GOAWAY: streams under way end, no new ones begin. */
  drain(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  close(): void {
    for (const session of this.#sessions.keys()) session.destroy();
  }
}

function peerOf(session: ServerHttp2Stream["session"], owner: ConnectionOwner): Peer {
  const socket = session?.socket as TLSSocket | undefined;
  const secure = (session?.encrypted ?? false) || socket instanceof TLSSocket;
  return {
    remoteAddress: socket === undefined ? "" : owner.clientOf(socket),
    scheme: secure ? "https" : "http",
    servername: (secure && (socket?.servername as string | undefined)) || undefined,
  };
}
