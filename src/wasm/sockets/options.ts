import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Family } from "./endpoint.ts";
import { SocketError } from "./failure.ts";
import { hasSystemOptions, setSystemOption, systemOption, type SystemOption } from "./system.ts";

const second = 1_000_000_000n;
/** Greatest that Linux takes. */
const mostSeconds = 32_767n;
const mostProbes = 127;
/** What is said of a buffer at most. */
const largestBuffer = 2n ** 31n - 1n;
/** Twice of it is what the system computes with. */
const largestAsked = 2 ** 30 - 1;

/** Where the system says what a socket has at first: the only number of the file, or the second of three. */
const defaults: Record<SystemOption, Record<Family, string>> = {
  "hop-limit": { ipv4: "ipv4/ip_default_ttl", ipv6: "ipv6/conf/default/hop_limit" },
  receive: { ipv4: "ipv4/tcp_rmem", ipv6: "ipv4/tcp_rmem" },
  send: { ipv4: "ipv4/tcp_wmem", ipv6: "ipv4/tcp_wmem" },
};
/** Where it says none, as on other systems. */
const usual: Record<SystemOption, number> = { "hop-limit": 64, receive: 131_072, send: 16_384 };

/**
 * Options of a TCP socket: what the guest wants, set where there is a socket of the system. Where the hop limit and the sizes
 * of buffers cannot be set, they are told as they are.
 */
export class TcpOptions {
  keepAlive = false;
  backlog = 128;
  /** The system's socket; undefined: there is none yet, or no more. */
  descriptor: () => number | undefined = () => undefined;
  readonly #family: Family;
  readonly #wanted = new Map<SystemOption, number>();
  #idle = 7200n;
  #interval = 75n;
  #count = 9;

  constructor(family: Family) {
    this.#family = family;
  }

  /** The same for a connection that is accepted. */
  copy(): TcpOptions {
    const copy = new TcpOptions(this.#family);
    copy.keepAlive = this.keepAlive;
    copy.#idle = this.#idle;
    copy.#interval = this.#interval;
    copy.#count = this.#count;
    for (const [option, value] of this.#wanted) copy.#wanted.set(option, value);
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

  /** In bytes. Linux keeps twice of what was asked for. */
  buffer(which: "receive" | "send"): bigint {
    return BigInt(this.#read(which) >> 1);
  }

  /** No size but 0 is an error: where it cannot be had, there is another. */
  setBuffer(which: "receive" | "send", value: bigint): void {
    const size = Number(bufferSize(value));
    if (hasSystemOptions()) this.#want(which, Math.min(size, largestAsked));
  }

  get hopLimit(): number {
    return this.#read("hop-limit");
  }

  /** Throws `not-supported` where it cannot be set and is another. */
  setHopLimit(value: number): void {
    positive(value);
    if (hasSystemOptions()) return this.#want("hop-limit", value);
    if (value !== this.hopLimit) throw new SocketError("not-supported");
  }

  /** Something of it needs a socket of the system before there is a connection. */
  get isSpecial(): boolean {
    return this.#wanted.size > 0;
  }

  #want(option: SystemOption, value: number): void {
    this.#wanted.set(option, value);
    this.settle();
  }

  /** Sets what is wanted on the socket of the system, where there is one. */
  settle(): void {
    const descriptor = this.descriptor();
    if (descriptor === undefined) return;
    for (const [option, value] of this.#wanted) setSystemOption(descriptor, this.#family, option, value);
  }

  #read(option: SystemOption): number {
    const wanted = this.#wanted.get(option);
    const descriptor = this.descriptor();
    const found = descriptor && systemOption(descriptor, this.#family, option);
    if (found !== undefined) return found;
    return wanted === undefined ? defaultOf(option, this.#family) : option === "hop-limit" ? wanted : wanted * 2;
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
    this.settle();
  }
}

function defaultOf(option: SystemOption, family: Family): number {
  try {
    const numbers = readFileSync(`/proc/sys/net/${defaults[option][family]}`, "utf8").trim().split(/\s+/);
    return Number(numbers[numbers.length > 1 ? 1 : 0]);
  } catch {
    return usual[option];
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
