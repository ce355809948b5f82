import { BandstandError } from "../../../foundation/errors/index.ts";

interface Waiter {
  since: number;
  start(): void;
  reject(error: BandstandError): void;
}

/** Milliseconds that anybody may wait, and for how long a queue may stand before that is too long. */
const patience = 2000;
/** Milliseconds that one may wait in a queue that does not become empty: more only makes all others late too. */
const hurry = 200;

/**
 * Requests that wait for a connection, first come first served. A burst may wait; where the queue stands, it is because
 * more comes than goes, and then waiting longer gets nobody served more (the idea of CoDel, RFC 8289): who waited too
 * long is refused early, while the client still listens. Nothing runs while nobody waits.
 */
export class Waiting {
  readonly #name: string;
  readonly #most: number;
  readonly #now: () => number;
  readonly #queue: Waiter[] = [];
  /** When it was empty last. */
  #emptyAt = 0;
  #sweeper: NodeJS.Timeout | undefined;

  /** @param name what is waited for. @param most that may wait. @param now milliseconds. */
  constructor(name: string, most: number, now: () => number = () => performance.now()) {
    this.#name = name;
    this.#most = most;
    this.#now = now;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Calls `start` in turn, or `reject` with `overloaded`. Throws `overloaded` where too many wait. */
  add(start: () => void, reject: (error: BandstandError) => void): void {
    if (this.#queue.length >= this.#most) {
      throw new BandstandError("overloaded", `${this.#name}: ${this.#queue.length} requests wait for a connection`);
    }
    const since = this.#now();
    if (this.#queue.length === 0) this.#emptyAt = since;
    this.#queue.push({ since, start, reject });
    this.#sweeper ??= setInterval(() => this.sweep(), hurry / 2).unref();
  }

  /** A connection is free. */
  next(): void {
    if (this.#queue.length === 0) return;
    this.sweep();
    this.#queue.shift()?.start();
    this.#stop();
  }

  /** Refuses all. */
  clear(error: BandstandError): void {
    for (const { reject } of this.#queue.splice(0)) reject(error);
    this.#stop();
  }

  /** Refuses those who waited too long. */
  sweep(): void {
    const now = this.#now();
    const longest = now - this.#emptyAt > patience ? hurry : patience;
    while (this.#queue.length > 0 && now - this.#queue[0]!.since > longest) {
      const { since, reject } = this.#queue.shift()!;
      const waited = `${this.#name}: no connection within ${Math.round(now - since)} ms`;
      reject(new BandstandError("overloaded", waited));
    }
    this.#stop();
  }

  #stop(): void {
    if (this.#queue.length > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
