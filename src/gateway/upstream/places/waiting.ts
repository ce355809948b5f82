import { BandstandError } from "../../../foundation/errors/index.ts";
import { clientIn, type Holder } from "./holder.ts";

interface Waiter {
  since: number;
  holder: Holder | undefined;
  start(): void;
  reject(error: BandstandError): void;
}

/** Those of one client, by its connections. Of both the first is next. */
interface Line {
  connections: Map<unknown, Waiter[]>;
  length: number;
}

/** Milliseconds that anybody may wait, and for how long a queue may stand before that is too long. */
const patience = 2000;
/** Milliseconds that one may wait in a queue that does not become empty: more only makes all others late too. */
const hurry = 200;

/**
 * Requests that wait for a place at a backend. Clients take turns, and so do the connections of each: whoever has a
 * thousand requests waits for all of them, and others wait for one. A burst may wait; where the queue stands, it is because
 * more comes than goes, and then waiting longer gets nobody served more (the idea of CoDel, RFC 8289): who waited too
 * long is refused early, while the client still listens. Nothing runs while nobody waits.
 */
export class Waiting {
  readonly #name: string;
  readonly #most: number;
  readonly #onStand: () => void;
  readonly #now: () => number;
  /** Places are about to become free: then waiting is worth while in a queue that stands, too. */
  patient = false;
  /** By client. */
  readonly #lines = new Map<string, Line>();
  #length = 0;
  /** When it was empty last. */
  #emptyAt = 0;
  #sweptAt = 0;
  #sweeper: NodeJS.Timeout | undefined;

  /**
   * @param name what is waited for. @param most that may wait. @param onStand is told ten times a second that somebody
   * waits. @param now milliseconds.
   */
  constructor(name: string, most: number, onStand: () => void = () => {}, now: () => number = () => performance.now()) {
    this.#name = name;
    this.#most = most;
    this.#onStand = onStand;
    this.#now = now;
  }

  get length(): number {
    return this.#length;
  }

  /** For whom there is a request that waits: one for each connection of each client, in turn. */
  *holders(): Iterable<Holder | undefined> {
    for (const { connections } of this.#lines.values()) {
      for (const waiters of connections.values()) yield waiters[0]?.holder;
    }
  }

  /**
   * Calls `start` in turn, or `reject` with `overloaded`. Throws `overloaded` where too many wait.
   * @returns ends the waiting; nothing where it is over.
   */
  add(start: () => void, reject: (error: BandstandError) => void, holder?: Holder): (reason: BandstandError) => void {
    const client = clientIn(holder);
    if (this.#length >= this.#most && !this.#makeRoom(client, holder?.connection)) throw this.#tooMany();
    const since = this.#now();
    if (this.#length === 0) this.#emptyAt = since;
    const waiter: Waiter = { since, holder, start, reject };
    const line = this.#lines.getOrInsertComputed(client, () => ({ connections: new Map(), length: 0 }));
    line.connections.getOrInsertComputed(holder?.connection, () => []).push(waiter);
    line.length++;
    this.#length++;
    this.#sweeper ??= setInterval(() => {
      this.sweep();
      if (this.#length > 0) this.#onStand();
    }, hurry / 2).unref();
    return (reason) => this.#withdraw(client, waiter, reason);
  }

  /** A place is free. @param preferred whose turn it is; without, it goes round. */
  next(preferred?: { holder: Holder | undefined }): void {
    if (this.#length === 0) return;
    // With a place for each request, looking at all of them each time would be most of the work.
    if (this.#now() - this.#sweptAt > hurry / 10) this.sweep();
    (this.#shift(preferred) ?? this.#shift())?.start();
    this.#stop();
  }

  /** Refuses all. */
  clear(error: BandstandError): void {
    const all = this.#all();
    this.#lines.clear();
    this.#length = 0;
    this.#stop();
    for (const { reject } of all) reject(error);
  }

  /** Refuses those who waited too long. */
  sweep(): void {
    const now = this.#now();
    this.#sweptAt = now;
    const longest = now - this.#emptyAt > patience && !this.patient ? hurry : patience;
    const late: Waiter[] = [];
    for (const [client, line] of this.#lines) {
      for (const [connection, waiters] of line.connections) {
        // In each of them in the order in which they came.
        let count = 0;
        while (count < waiters.length && now - waiters[count]!.since > longest) count++;
        if (count === 0) continue;
        late.push(...waiters.splice(0, count));
        line.length -= count;
        this.#length -= count;
        if (waiters.length === 0) line.connections.delete(connection);
      }
      if (line.length === 0) this.#lines.delete(client);
    }
    for (const { since, reject } of late) {
      const waited = `${this.#name}: no connection within ${Math.round(now - since)} ms`;
      reject(new BandstandError("overloaded", waited));
    }
    this.#stop();
  }

  /** The next one, or the first of a connection; who has more goes behind the others. */
  #shift(preferred?: { holder: Holder | undefined }): Waiter | undefined {
    const client = preferred === undefined ? this.#lines.keys().next().value : clientIn(preferred.holder);
    const line = client === undefined ? undefined : this.#lines.get(client);
    if (client === undefined || line === undefined) return undefined;
    const { connections } = line;
    const connection = preferred === undefined ? connections.keys().next().value : preferred.holder?.connection;
    const waiters = connections.get(connection);
    const waiter = waiters?.shift();
    if (waiters === undefined || waiter === undefined) return undefined;
    connections.delete(connection);
    if (waiters.length > 0) connections.set(connection, waiters);
    line.length--;
    this.#lines.delete(client);
    if (line.length > 0) this.#lines.set(client, line);
    this.#length--;
    return waiter;
  }

  #withdraw(client: string, waiter: Waiter, reason: BandstandError): void {
    const line = this.#lines.get(client);
    const waiters = line?.connections.get(waiter.holder?.connection);
    const at = waiters?.indexOf(waiter) ?? -1;
    if (line === undefined || waiters === undefined || at === -1) return;
    waiters.splice(at, 1);
    if (waiters.length === 0) line.connections.delete(waiter.holder?.connection);
    if (--line.length === 0) this.#lines.delete(client);
    this.#length--;
    this.#stop();
    waiter.reject(reason);
  }

  /** Where the queue is full, who has the most in it gives up the youngest for one with fewer: a client, or a connection of it. */
  #makeRoom(client: string, connection: unknown): boolean {
    if (this.#length === 0) return false;
    const [longest, line] = longestOf(this.#lines, ({ length }) => length);
    const [deepest, waiters] = longestOf(line.connections, ({ length }) => length);
    const [mine, most] =
      longest === client
        ? [line.connections.get(connection)?.length, waiters.length]
        : [this.#lines.get(client)?.length, line.length];
    if (most <= (mine ?? 0) + 1) return false;
    const youngest = waiters.pop();
    if (waiters.length === 0) line.connections.delete(deepest);
    line.length--;
    this.#length--;
    youngest?.reject(this.#tooMany());
    return true;
  }

  #tooMany(): BandstandError {
    return new BandstandError("overloaded", `${this.#name}: ${this.#most} requests wait for a connection`);
  }

  #all(): Waiter[] {
    return [...this.#lines.values()].flatMap(({ connections }) => [...connections.values()].flat());
  }

  #stop(): void {
    if (this.#length > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** The entry with the largest size; the last one of equals. The map is not empty. */
function longestOf<K, V>(entries: Map<K, V>, sizeOf: (value: V) => number): [K, V] {
  let found: [K, V] | undefined;
  for (const entry of entries) if (found === undefined || sizeOf(entry[1]) >= sizeOf(found[1])) found = entry;
  return found as [K, V];
}
