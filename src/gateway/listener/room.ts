import { openFiles } from "../overload/open-files.ts";

/** Client connections of one thread, however many files there may be. */
const most = 20_000;
/** Of the files that the process may open, what clients' connections may have; the rest is for backends, WebSockets and our own. */
const share = 0.6;

/** Sockets whose connections count together. */
export interface RoomUser {
  /** Connections now, those in their handshake too. */
  readonly held: number;
  /** Closes the connection that has waited longest and carries no request. False: there is none. */
  makeRoom(): boolean;
}

/** How many client connections one thread has, over all its listening sockets. */
export class Room {
  readonly #most: number;
  readonly #users = new Set<RoomUser>();

  constructor(connections: number) {
    this.#most = connections;
  }

  enter(user: RoomUser): void {
    this.#users.add(user);
  }

  leave(user: RoomUser): void {
    this.#users.delete(user);
  }

  /**
   * Whether one more connection may come. Where there are too many, one that carries no request gives way: whoever floods us
   * with connections closes their own first, and a client that is new is served.
   */
  admits(): boolean {
    let held = 0;
    for (const user of this.#users) held += user.held;
    if (held < this.#most) return true;
    const largestFirst = [...this.#users].toSorted((one, other) => other.held - one.held);
    return largestFirst.some((user) => user.makeRoom());
  }
}

/** Connections that each of so many threads may have, so that all of them together leave files for everything else. */
export function connectionsFor(workers: number, files: number = openFiles()): number {
  return Math.max(64, Math.min(most, Math.floor((files * share) / workers)));
}
