import type { Socket } from "node:net";
import { SocketError } from "./failure.ts";

const second = 1_000_000_000n;
/** Greatest that Linux takes. */
const mostSeconds = 32_767n;
const mostProbes = 127;
/** What is said of a buffer at most. */
const largestBuffer = 2n ** 31n - 1n;

/**
 * Options of a TCP socket, kept by us and set where there is a connection. What Node cannot set, the hop limit and the sizes
 * of buffers, is only remembered.
 */
export class TcpOptions {
  keepAlive = false;
  hopLimit = 64;
  backlog = 128;
  #idle = 7200n;
  #interval = 75n;
  #count = 9;
  readonly #buffers = { receive: 131_072n, send: 131_072n };

  /** The same for a connection that is accepted. */
  copy(): TcpOptions {
    const copy = new TcpOptions();
    copy.keepAlive = this.keepAlive;
    copy.hopLimit = this.hopLimit;
    copy.#idle = this.#idle;
    copy.#interval = this.#interval;
    copy.#count = this.#count;
    Object.assign(copy.#buffers, this.#buffers);
    return copy;
  }

  /** Nanoseconds, as all times here. */
  get idle(): bigint {
    return this.#idle * second;
  }

  set idle(value: bigint) {
    this.#idle = seconds(value);
  }

  get interval(): bigint {
    return this.#interval * second;
  }

  set interval(value: bigint) {
    this.#interval = seconds(value);
  }

  get count(): number {
    return this.#count;
  }

  set count(value: number) {
    this.#count = Math.min(positive(value), mostProbes);
  }

  buffer(which: "receive" | "send"): bigint {
    return this.#buffers[which];
  }

  setBuffer(which: "receive" | "send", value: bigint): void {
    this.#buffers[which] = bufferSize(value);
  }

  setHopLimit(value: number): void {
    this.hopLimit = positive(value);
  }

  /** Backlogs may be anything above 0; the system has its own limit. */
  setBacklog(value: bigint): void {
    if (value === 0n) throw new SocketError("invalid-argument");
    this.backlog = Number(value > 4096n ? 4096n : value);
  }

  apply(socket: Socket): void {
    const initialDelay = Number(this.#idle) * 1000;
    const interval = Number(this.#interval) * 1000;
    socket.setKeepAlive({ enable: this.keepAlive, initialDelay, interval, count: this.#count });
  }
}

/** Throws `invalid-argument` for 0. */
export function positive(value: number): number {
  if (value === 0) throw new SocketError("invalid-argument");
  return value;
}

/** Throws `invalid-argument` for 0; more than there can be is as much as there can be. */
export function bufferSize(value: bigint): bigint {
  if (value === 0n) throw new SocketError("invalid-argument");
  return value > largestBuffer ? largestBuffer : value;
}

function seconds(nanoseconds: bigint): bigint {
  if (nanoseconds === 0n) throw new SocketError("invalid-argument");
  const whole = (nanoseconds + second - 1n) / second;
  return whole > mostSeconds ? mostSeconds : whole;
}
