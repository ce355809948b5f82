import { systemResolve, type Resolve } from "../../foundation/network/index.ts";
import { unspecified, type Endpoint } from "./endpoint.ts";
import { SocketError } from "./failure.ts";
import { literalOf, resolvable } from "./name.ts";
import { Reach } from "./reach.ts";

/** Sockets of one guest at a time, those included that it gave back and that still send what it wrote. */
const mostSockets = 1000;
/** Names that are looked up at a time; a resolver's threads are the process's. */
const mostLookups = 32;

/** Something that the system holds for a guest. */
export interface Open {
  /** Ends at once. */
  destroy(): void;
  /** All that the guest wrote is with the system. */
  readonly isFlushed: boolean;
}

/** The network as one guest has it: what it may reach, and what it holds open. */
export class Network {
  readonly reach: Reach;
  readonly #resolve: Resolve;
  readonly #notify: () => void;
  readonly #open = new Set<Open>();
  /** Where sockets are bound that may yet listen, or do. */
  readonly #claims = new Set<Endpoint>();
  #lookups = 0;
  #isClosed = false;
  #onFlushed: (() => void) | undefined;

  /**
   * @param entries of `--net`.
   * @param notify told whenever something may have become ready that the guest waits for.
   * @param resolve for tests.
   */
  constructor(entries: readonly string[], notify: () => void, resolve: Resolve = systemResolve) {
    this.reach = new Reach(entries);
    this.#notify = notify;
    this.#resolve = resolve;
  }

  /** Something happened to a socket. */
  happened(): void {
    if (!this.#isClosed) this.#notify();
    if (this.#onFlushed !== undefined && this.#isFlushed) this.#onFlushed();
  }

  /** Counts a socket. Throws `new-socket-limit`. */
  add(open: Open): void {
    if (this.#isClosed) throw new SocketError("invalid-state");
    if (this.isFull) throw new SocketError("new-socket-limit", `more than ${mostSockets} sockets`);
    this.#open.add(open);
  }

  remove(open: Open): void {
    this.#open.delete(open);
    this.happened();
  }

  /**
   * Keeps an address from others of this guest: the system would let two have it, for who comes after a connection
   * that was just closed. Throws `address-in-use`.
   */
  claim(local: Endpoint): void {
    for (const claimed of this.#claims) {
      if (claimed.family !== local.family || claimed.port !== local.port) continue;
      const { address } = unspecified(local.family);
      if ([local.address, address].includes(claimed.address) || local.address === address) {
        throw new SocketError("address-in-use");
      }
    }
    this.#claims.add(local);
  }

  unclaim(local: Endpoint): void {
    this.#claims.delete(local);
  }

  get isFull(): boolean {
    return this.#open.size >= mostSockets;
  }

  /**
   * The addresses of a name, of those that the guest may know. Throws at once for what is no name, or none that was
   * granted. @param done called later, but for an address, which is its own answer.
   */
  lookup(text: string, done: (found: readonly string[] | SocketError) => void): void {
    const literal = literalOf(text);
    if (literal !== undefined) return done([literal]);
    const name = resolvable(text);
    if (!this.reach.mayResolve(name)) throw new SocketError("access-denied", `${name} is not granted`);
    if (this.#lookups >= mostLookups) throw new SocketError("temporary-resolver-failure", "too many names at a time");
    this.#lookups++;
    this.#resolve(name, (error, found) => {
      this.#lookups--;
      if (this.#isClosed) return;
      done(error === null ? this.#answer(name, found) : resolverError(error));
      this.happened();
    });
  }

  #answer(name: string, found: readonly { address: string }[]): readonly string[] | SocketError {
    const addresses = found.map(({ address }) => address.replace(/^::ffff:(?=\d+\.)/, ""));
    const allowed = this.reach.learn(name, addresses);
    if (allowed.length > 0) return allowed;
    return addresses.length === 0
      ? new SocketError("name-unresolvable", `${name} has no address`)
      : new SocketError("access-denied", `${name} leads to ${addresses.join(", ")}, which must be listed itself`);
  }

  /** Gives what the guest wrote so many milliseconds to leave. */
  async drain(milliseconds: number): Promise<void> {
    if (this.#isFlushed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#onFlushed = resolve;
    await promise;
    clearTimeout(timer);
  }

  /** Ends whatever is open. */
  close(): void {
    this.#isClosed = true;
    for (const open of this.#open) open.destroy();
    this.#open.clear();
  }

  get #isFlushed(): boolean {
    return [...this.#open].every((open) => open.isFlushed);
  }
}

/** Nobody but a resolver says why a name has no address. */
function resolverError(error: Error): SocketError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EAI_AGAIN" || code === "ETIMEOUT") return new SocketError("temporary-resolver-failure", error.message);
  if (code === "EAI_FAIL") return new SocketError("permanent-resolver-failure", error.message);
  return new SocketError("name-unresolvable", error.message);
}
