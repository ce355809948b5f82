import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import {
  checkFamily,
  checkRemote,
  endpointOf,
  hostOf,
  sameEndpoint,
  unspecified,
  type Endpoint,
  type Family,
} from "./endpoint.ts";
import { SocketError, socketError } from "./failure.ts";
import type { Network, Open } from "./network.ts";
import { bufferSize, positive } from "./options.ts";

/** Received datagrams that wait for the guest; what comes then is lost, as it may be anywhere on its way. */
const mostWaiting = { count: 1024, bytes: 1 << 20 };
/** Those who sent to it last, and whom it may answer. */
const mostPeers = 4096;
/** Bytes that wait to be sent before the guest must wait too. */
const mostUnsent = 256 << 10;
/** A port that was free may be another's a moment later. */
const mostAttempts = 4;
/** Largest payload, by the 16 bits of its length in the header of UDP, and over IPv4 in that of IP. */
const largest: Record<Family, number> = { ipv4: 65_507, ipv6: 65_527 };

export interface Datagram {
  data: Uint8Array;
  remote: Endpoint;
}

/** A UDP socket as WASI has it. Whatever fails throws a SocketError. */
export class UdpSocket implements Open {
  readonly family: Family;
  /** Told when something came, could be sent, or failed. */
  onChange: () => void = nothing;
  readonly #network: Network;
  #socket: Socket;
  readonly #waiting: Datagram[] = [];
  readonly #peers = new Set<string>();
  #waitingBytes = 0;
  #unsent = 0;
  #remote: Endpoint | undefined;
  #isBound = false;
  #isClosed = false;
  #isTelling = false;
  /** Anybody may send to it. */
  #isOpen = false;
  /** Of what was received or sent before. */
  #failure: SocketError | undefined;
  #hopLimit = 64;
  readonly #buffers = { receive: 212_992n, send: 212_992n };

  constructor(network: Network, family: Family) {
    network.add(this);
    this.#network = network;
    this.family = family;
    this.#socket = this.#made();
  }

  #made(): Socket {
    // What is given to it are addresses; answering at once makes binding and connecting happen at once.
    const lookup = (host: string, options: unknown, done: unknown): void => {
      const answer = (typeof options === "function" ? options : done) as (...each: unknown[]) => void;
      answer(null, host, isIP(host));
    };
    const { family } = this;
    const socket = createSocket({ type: family === "ipv4" ? "udp4" : "udp6", ipv6Only: family === "ipv6", lookup });
    socket.on("error", (error) => {
      this.#failure = socketError(error);
      this.#changed();
    });
    return socket.on("message", (data, { address, port }) => this.#came(data, endpointOf(address, port)));
  }

  get isFlushed(): boolean {
    return this.#isClosed || this.#unsent === 0;
  }

  /** The guest gave it back; what it sent still goes. */
  drop(): void {
    if (this.#unsent === 0) this.destroy();
    else this.onChange = () => this.#unsent === 0 && this.destroy();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#network.remove(this);
  }

  bind(local: Endpoint): void {
    if (this.#isBound) throw new SocketError("invalid-state");
    checkFamily(local, this.family);
    const { reach } = this.#network;
    if (!reach.mayBind(local)) throw new SocketError("access-denied");
    this.#bind(local);
    this.#isOpen = reach.mayListen(local);
  }

  /** To any port, where the guest did not say. */
  bindImplicitly(): void {
    if (!this.#isBound) this.bind(unspecified(this.family));
  }

  #bind(local: Endpoint): void {
    this.#bindTo(local);
    for (let attempts = 0; local.port === 0 && attempts < mostAttempts; attempts++) {
      // Linux forgets a port that it picked itself as soon as the socket is connected to another peer, or to none: it is asked
      // for once more by its number.
      const { port } = this.#socket.address();
      this.#socket.close();
      this.#socket = this.#made();
      if (this.#tries({ ...local, port }, attempts === mostAttempts - 1)) break;
    }
    this.#isBound = true;
    this.#attempt(() => this.#socket.setTTL(this.#hopLimit));
    for (const which of ["receive", "send"] as const) {
      if (this.#chosen.has(which)) this.setBuffer(which, this.#buffers[which]);
    }
  }

  /** Whether it is bound there; else to any port, for another attempt. */
  #tries(local: Endpoint, isLast: boolean): boolean {
    try {
      this.#bindTo(local);
      return true;
    } catch (error) {
      if (isLast) throw error;
      this.#bindTo({ ...local, port: 0 });
      return false;
    }
  }

  #bindTo(local: Endpoint): void {
    this.#failure = undefined;
    this.#socket.bind({ address: hostOf(local), port: local.port, exclusive: true });
    const failure = this.#failure as SocketError | undefined;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  get isBound(): boolean {
    return this.#isBound;
  }

  /** From now on only to and from this one. */
  connect(remote: Endpoint): void {
    checkFamily(remote, this.family);
    checkRemote(remote);
    if (!this.#mayReach(remote)) throw new SocketError("access-denied");
    this.bindImplicitly();
    if (this.#remote !== undefined) this.disconnect();
    this.#socket.connect(remote.port, hostOf(remote), nothing);
    try {
      this.#socket.remoteAddress();
    } catch {
      throw new SocketError("remote-unreachable");
    }
    this.#remote = remote;
    this.#failure = undefined;
  }

  disconnect(): void {
    if (this.#remote === undefined) throw new SocketError("invalid-state");
    this.#remote = undefined;
    this.#failure = undefined;
    this.#attempt(() => this.#socket.disconnect());
  }

  get local(): Endpoint {
    if (!this.#isBound) throw new SocketError("invalid-state");
    const { address, port } = this.#attempt(() => this.#socket.address());
    return endpointOf(address, port);
  }

  get remote(): Endpoint {
    if (this.#remote === undefined) throw new SocketError("invalid-state");
    return this.#remote;
  }

  get isConnected(): boolean {
    return this.#remote !== undefined;
  }

  get hasDatagram(): boolean {
    this.#discardOthers();
    return this.#waiting.length > 0;
  }

  /** Something can be received, or said of why not. */
  get hasSomething(): boolean {
    return this.hasDatagram || this.#failure !== undefined;
  }

  /** The next datagram of who may send to it; undefined: none now. */
  receive(): Datagram | undefined {
    this.#discardOthers();
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.checkFailure();
      return undefined;
    }
    this.#waitingBytes -= next.data.length;
    return next;
  }

  /** The next datagram, which is there, or why there is none. */
  take(): Datagram {
    if (!this.#isBound) throw new SocketError("invalid-state");
    const next = this.receive();
    if (next === undefined) throw new SocketError("unknown", "nothing is there");
    return next;
  }

  /** Throws what went wrong meanwhile, once. */
  checkFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  get hasRoom(): boolean {
    return this.#unsent < mostUnsent || this.#failure !== undefined;
  }

  /**
   * Sends a copy of `data`.
   * @param done called later, once, with the error where it was not sent; without, the next call says so.
   */
  send(data: Buffer, to: Endpoint | undefined, done?: (error?: SocketError) => void): void {
    if (to !== undefined) {
      checkRemote(to);
      checkFamily(to, this.family);
    }
    const target = to ?? this.#remote;
    if (target === undefined || (this.#remote !== undefined && !sameEndpoint(target, this.#remote))) {
      throw new SocketError("invalid-argument");
    }
    if (data.length > largest[this.family]) throw new SocketError("datagram-too-large");
    if (!this.#mayReach(target)) throw new SocketError("access-denied");
    this.bindImplicitly();
    const copy = Buffer.from(data);
    this.#unsent += copy.length + 1;
    const sent = (error: Error | null): void => {
      this.#unsent -= copy.length + 1;
      const failure = error === null ? undefined : socketError(error);
      if (done === undefined) this.#failure ??= failure;
      this.#changed();
      done?.(failure);
    };
    if (this.#remote === undefined) this.#socket.send(copy, target.port, hostOf(target), sent);
    else this.#socket.send(copy, sent);
  }

  get hopLimit(): number {
    return this.#hopLimit;
  }

  setHopLimit(value: number): void {
    this.#hopLimit = positive(value);
    if (this.#isBound) this.#attempt(() => this.#socket.setTTL(value));
  }

  /** Linux keeps twice of what was asked for. */
  buffer(which: "receive" | "send"): bigint {
    if (!this.#isBound) return this.#buffers[which];
    const size = this.#attempt(() =>
      which === "receive" ? this.#socket.getRecvBufferSize() : this.#socket.getSendBufferSize(),
    );
    return BigInt(process.platform === "linux" ? size >> 1 : size);
  }

  setBuffer(which: "receive" | "send", value: bigint): void {
    const size = bufferSize(value);
    this.#chosen.add(which);
    this.#buffers[which] = size;
    if (!this.#isBound) return;
    const number = Number(size > 1n << 30n ? 1n << 30n : size);
    this.#attempt(() =>
      which === "receive" ? this.#socket.setRecvBufferSize(number) : this.#socket.setSendBufferSize(number),
    );
  }

  readonly #chosen = new Set<"receive" | "send">();

  #attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw socketError(error);
    }
  }

  #came(data: Uint8Array, remote: Endpoint): void {
    // To who may not be listened on, only those come through that the guest may send to.
    if (!this.#isOpen && !this.#network.reach.mayReach(remote)) return;
    if (this.#isOpen) this.#remember(remote);
    if (this.#waiting.length >= mostWaiting.count || this.#waitingBytes + data.length > mostWaiting.bytes) return;
    this.#waiting.push({ data, remote });
    this.#waitingBytes += data.length;
    // What came together is told of once, all of it: the system hands over one after the other.
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      this.#changed();
    });
  }

  /** Who was granted, or sent something to a socket that anybody may send to. */
  #mayReach(remote: Endpoint): boolean {
    return this.#network.reach.mayReach(remote) || this.#peers.has(`${remote.address} ${remote.port}`);
  }

  #remember({ address, port }: Endpoint): void {
    const peer = `${address} ${port}`;
    this.#peers.delete(peer);
    this.#peers.add(peer);
    const [oldest] = this.#peers;
    if (this.#peers.size > mostPeers) this.#peers.delete(oldest!);
  }

  /** What came of others before it was connected. */
  #discardOthers(): void {
    const only = this.#remote;
    if (only === undefined) return;
    while (this.#waiting.length > 0 && !sameEndpoint(this.#waiting[0]!.remote, only)) {
      this.#waitingBytes -= this.#waiting.shift()!.data.length;
    }
  }

  #changed(): void {
    this.onChange();
    this.#network.happened();
  }
}

function nothing(): void {}
