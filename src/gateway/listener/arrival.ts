import type { Socket } from "node:net";
import type { Linked, LinkedList } from "./linked-list.ts";

const arrival = Symbol("arrival");

/** `_parent` is what Node calls the socket below TLS; it has no public name, and may have another one some day. */
type Known = object & { [arrival]?: Arrival; _parent?: { [arrival]?: Arrival } | null };

/** A connection as the kernel gave it, before anybody reads HTTP on it: in its handshake, or below TLS for as long as it lasts. */
export class Arrival implements Linked<Arrival> {
  ahead: Arrival | undefined;
  behind: Arrival | undefined;
  readonly socket: Socket;
  /** `performance.now()` when patience with it ends. */
  deadline = Number.POSITIVE_INFINITY;
  /** The client that a trusted proxy told of. */
  source: string | undefined;
  #list: LinkedList<Arrival> | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    (socket as Known)[arrival] = this;
    socket.on("close", closed);
  }

  /** Stands at the end of that list, and in no other. */
  standIn(list: LinkedList<Arrival> | undefined): void {
    this.#list?.leave(this);
    this.#list = list;
    list?.enter(this);
  }

  /** What reads of it from now on is this one. */
  secured(above: Socket): void {
    (above as Known)[arrival] = this;
  }
}

/** Undefined: it is none of those, or this Node does not show what lies below TLS. */
export function arrivalOf(socket: object): Arrival | undefined {
  const known = socket as Known;
  return known[arrival] ?? known._parent?.[arrival];
}

// One for all: a function for each connection would live as long as it.
function closed(this: Socket): void {
  arrivalOf(this)?.standIn(undefined);
}
