import { openFiles } from "../../foundation/process/open-files.ts";
import { usableMemory } from "../../foundation/process/usable-memory.ts";
import { shares } from "../../foundation/time/shares.ts";

/** Client connections of one thread, however many files there may be. */
const most = 20_000;
/** Of the files that the process may open, what clients' connections may have; the rest is for backends, WebSockets and our own. */
const share = 0.6;
/** Of the memory that the process may use, what connections may hold while they carry nothing, of all threads. */
const memoryShare = 1 / 4;
const leastBytes = 8 * 1024 * 1024;

/** What a connection holds while it carries nothing: measured, most of it OpenSSL's in the middle of a handshake. Bytes. */
export const bytesEach = { plain: 8 * 1024, tls: 48 * 1024 } as const;

/** Sockets whose connections count together. */
export interface RoomUser {
  /** Connections now, those in their handshake too. */
  readonly held: number;
  /** What each of them holds, whatever it carries. Bytes. */
  readonly each: number;
  /** Closes the connection that has waited longest and carries no request. False: there is none. */
  makeRoom(): boolean;
}

/** How many client connections one thread has, over all its listening sockets, and what they hold. */
export class Room {
  readonly #most: number;
  readonly #bytes: number;
  readonly #users = new Set<RoomUser>();

  constructor(connections: number, bytes: number) {
    this.#most = connections;
    this.#bytes = bytes;
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
    shares.newcomer();
    let count = 0;
    let bytes = 0;
    for (const { held, each } of this.#users) {
      count += held;
      bytes += held * each;
    }
    if (count < this.#most && bytes < this.#bytes) return true;
    const size = ({ held, each }: RoomUser): number => (count < this.#most ? held * each : held);
    const largestFirst = [...this.#users].toSorted((one, other) => size(other) - size(one));
    return largestFirst.some((user) => user.makeRoom());
  }
}

/** What connections of each of so many threads may hold. Bytes. */
export function connectionBytes(workers: number, memory: number = usableMemory()): number {
  return Math.max(leastBytes, (memory * memoryShare) / workers);
}

/** Connections that each of so many threads may have, so that all of them together leave files for everything else. */
export function connectionsFor(workers: number, files: number = openFiles()): number {
  return Math.max(64, Math.min(most, Math.floor((files * share) / workers)));
}
