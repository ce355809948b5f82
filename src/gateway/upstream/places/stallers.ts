import { clientIn, type Holder } from "./holder.ts";
import type { KnownStallers } from "./relief.ts";

/** A client that was ended is known for so long. Milliseconds. */
const memory = 10_000;
/** Clients that are known at a time. */
const most = 4_096;

/** Clients of whom an exchange was ended for standing still: where others wait, they come after those of whom nothing is known. */
export class Stallers implements KnownStallers {
  /** Until when, by client; the last one that was ended is last. */
  readonly #until = new Map<string, number>();
  #now = 0;

  get size(): number {
    return this.#until.size;
  }

  /** What time it is. */
  at(now: number): void {
    this.#now = now;
    for (const [client, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(client);
    }
  }

  add(holder: Holder | undefined, now: number): void {
    // Nobody's own requests are those of components.
    if (holder === undefined) return;
    const client = clientIn(holder);
    this.#until.delete(client);
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size >= most) this.#until.delete(oldest);
    this.#until.set(client, now + memory);
  }

  has(holder: Holder | undefined): boolean {
    return this.#until.size > 0 && holder !== undefined && (this.#until.get(clientIn(holder)) ?? 0) > this.#now;
  }
}
