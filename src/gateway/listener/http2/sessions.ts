import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Fifo } from "../../../foundation/time/fifo.ts";
import { nextTurn } from "../../../foundation/time/turns.ts";
import type { ConnectionOwner } from "../http1/owner.ts";
import { StreamExchange, type Peer } from "./stream.ts";

/** Requests at once on one connection; nginx has 128. */
const streams = 128;

/** What is known of a connection. */
interface Known {
  /** That it carries now. */
  streams: number;
  /** The same for all of them. */
  peer: Peer;
  /** Streams that ended by a reset for a breach of the protocol. */
  malformed: number;
}

/** HTTP/2 connections of one listening socket, on node:http2, which never listens itself. */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #owner: ConnectionOwner;
  readonly #sessions = new Map<ServerHttp2Session, Known>();
  readonly #onEmpty: () => void;
  /** Streams whose requests are not looked at yet. */
  readonly #begun = new Fifo<StreamExchange>();

  constructor(owner: ConnectionOwner, onEmpty: () => void) {
    this.#owner = owner;
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
      const known: Known = { streams: 0, peer: peerOf(session, owner), malformed: 0 };
      this.#sessions.set(session, known);
      sparingOthers(session, known);
      session.setTimeout(owner.limits.idleTimeout, () => {
        if (known.streams > 0) return session.close();
        // To close it would wait for a head whose end does not come.
        session.destroy();
      });
      session.on("stream", (...args: unknown[]) => {
        const [stream, , , raw] = args as [ServerHttp2Stream, object, number, string[]];
        this.#begin(stream, session, known, raw);
      });
      session.on("error", () => {});
      session.on("close", () => {
        this.#sessions.delete(session);
        if (this.#sessions.size === 0) this.#onEmpty();
      });
    });
  }

  /** A stream of its session, which may be over already: then it knows none. */
  #begin(stream: ServerHttp2Stream, session: ServerHttp2Session, known: Known, raw: string[]): void {
    known.streams++;
    const closed = (code: number | undefined): void => {
      known.streams--;
      if (code === constants.NGHTTP2_PROTOCOL_ERROR) known.malformed++;
    };
    this.#begun.push(new StreamExchange(stream, this.#owner, session, known.peer, raw, closed));
    if (this.#begun.length === 1) nextTurn(() => this.#run());
  }

  /**
   * Begins what one read of each connection brought, behind all of that: 64 KiB hold 1900 requests that are taken back at
   * once, each of which would have had a connection to a backend.
   */
  #run(): void {
    this.#begun.shift()?.run();
    // Guests may begin when this stack is over, and who is next is judged by what they did.
    if (this.#begun.length > 0) queueMicrotask(() => this.#run());
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

/**
 * A body that is longer than its Content-Length ends its stream (RFC 9113, section 8.1.1), and so it does in nghttp2; but Node takes its
 * note of that for an error of the connection, and would end it, with the requests of everybody for whom a client asks by it. So
 * Node is heard again when the turn is over: where a stream was reset meanwhile, that was all.
 */
function sparingOthers(session: ServerHttp2Session, known: Known): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (error, code) => {
    if (!isBreach(error)) return destroy(error, code);
    const before = known.malformed;
    setImmediate(() => {
      if (known.malformed === before && !session.destroyed) destroy(error, code);
    });
  };
}

/** NGHTTP2_ERR_PROTO, of nghttp2's own numbers. */
function isBreach(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).errno === -505;
}

function peerOf(session: ServerHttp2Session, owner: ConnectionOwner): Peer {
  const socket = session.socket as TLSSocket;
  const secure = (session.encrypted ?? false) || socket instanceof TLSSocket;
  return {
    remoteAddress: owner.clientOf(socket),
    scheme: secure ? "https" : "http",
    servername: (secure && (socket.servername as string | undefined)) || undefined,
  };
}
