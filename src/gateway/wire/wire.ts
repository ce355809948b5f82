import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { corked, DirectWire } from "./direct.ts";
import type { Draft } from "./draft.ts";

/**
 * What goes out on one connection. All methods keep the order in which they are called, also among what is written to the
 * socket itself, and all answer false where the other side is behind: the socket says `drain` when it has caught up.
 * What cannot be written breaks the socket, which says so as it always does.
 */
export interface Wire {
  /** Text in latin1, one unit a byte. */
  text(text: string): boolean;
  /** Bytes that nobody changes any more. */
  bytes(bytes: Uint8Array): boolean;
  /** Text, bytes, and more text behind them, in one system call where there is room. */
  both(text: string, bytes: Uint8Array, end?: string): boolean;
  /** A message that was put together. */
  draft(draft: Draft): boolean;
}

/** The fastest way to write to a socket that this Node has. */
export function wireOf(socket: Socket): Wire {
  return socket instanceof TLSSocket ? new PlainWire(socket) : new DirectWire(socket);
}

/** Writes by the public methods of a socket. */
export class PlainWire implements Wire {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  text(text: string): boolean {
    return this.#socket.write(text, "latin1");
  }

  bytes(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  both(text: string, bytes: Uint8Array, end?: string): boolean {
    return corked(this.#socket, text, bytes, end);
  }

  draft(draft: Draft): boolean {
    return this.#socket.write(draft.kept());
  }
}
