import { BoundSocket, createServer, Socket, type Server } from "node:net";
import { highWater } from "../host/limits.ts";
import { Connection } from "./connection.ts";
import {
  checkFamily,
  checkRemote,
  checkUnicast,
  endpointOf,
  hostOf,
  unspecified,
  type Endpoint,
  type Family,
} from "./endpoint.ts";
import { SocketError, socketError } from "./failure.ts";
import type { Network, Open } from "./network.ts";
import { TcpOptions } from "./options.ts";
import { descriptorOf } from "./system.ts";

type State =
  | { kind: "unbound" }
  | { kind: "bound"; bound: BoundSocket; local: Endpoint; wanted: Endpoint }
  | { kind: "listening"; listener: Listener; local: Endpoint }
  | { kind: "connecting"; socket: Socket; outcome: Connection | SocketError | undefined }
  | { kind: "connected"; connection: Connection }
  | { kind: "closed"; error: SocketError };

/** A TCP socket as WASI has it. Whatever fails throws a SocketError. */
export class TcpSocket implements Open {
  readonly family: Family;
  readonly options: TcpOptions;
  readonly isFlushed = true;
  readonly #network: Network;
  #state: State = { kind: "unbound" };
  #isDropped = false;

  constructor(network: Network, family: Family, accepted?: { connection: Connection; options: TcpOptions }) {
    this.#network = network;
    this.family = family;
    this.options = accepted?.options ?? new TcpOptions(family);
    if (accepted === undefined) network.add(this);
    else this.#connect(accepted.connection);
  }

  /** The guest gave it back; a connection lives on while its directions are held. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    if (this.#state.kind === "connected") this.#state.connection.release();
    else this.destroy();
    this.#network.remove(this);
  }

  destroy(): void {
    const state = this.#state;
    this.#state = { kind: "closed", error: new SocketError("invalid-state") };
    if (state.kind === "bound") {
      this.#network.unclaim(state.local);
      state.bound.close();
    }
    if (state.kind === "listening") state.listener.release();
    if (state.kind === "connecting") state.socket.destroy();
    if (state.kind === "connected") state.connection.destroy();
  }

  bind(local: Endpoint): void {
    if (this.#state.kind !== "unbound") throw this.#invalid();
    checkUnicast(local);
    checkFamily(local, this.family);
    if (!this.#network.reach.mayBind(local)) throw new SocketError("access-denied");
    this.#bind(local);
  }

  #bind(local: Endpoint): Extract<State, { kind: "bound" }> {
    const { family } = this;
    let bound: BoundSocket;
    try {
      bound = new BoundSocket({ host: hostOf(local), port: local.port, ipv6Only: family === "ipv6" });
    } catch (error) {
      throw socketError(error);
    }
    const { address, port } = bound.address();
    const made = endpointOf(address, port);
    try {
      this.#network.claim(made);
    } catch (error) {
      bound.close();
      throw error;
    }
    this.options.descriptor = () => bound.fd();
    this.options.settle();
    return (this.#state = { kind: "bound", bound, local: made, wanted: local });
  }

  /** @param done called later, once, when `finishConnect` may be called. */
  connect(remote: Endpoint, done: () => void): void {
    const { kind } = this.#state;
    if (kind !== "unbound" && kind !== "bound") throw this.#invalid();
    checkUnicast(remote);
    checkRemote(remote);
    checkFamily(remote, this.family);
    if (!this.#network.reach.mayReach(remote)) throw new SocketError("access-denied");
    if (kind === "unbound" && this.options.isSpecial) this.#bind(unspecified(this.family));
    const state = this.#state;
    const options = { allowHalfOpen: true, highWaterMark: highWater };
    if (state.kind === "bound") this.#network.unclaim(state.local);
    const socket = new Socket(state.kind === "bound" ? { ...options, handle: state.bound } : options);
    this.options.descriptor = () => descriptorOf(socket);
    const connecting: Extract<State, { kind: "connecting" }> = { kind: "connecting", socket, outcome: undefined };
    this.#state = connecting;
    const came = (outcome: Connection | SocketError): void => {
      connecting.outcome = outcome;
      done();
      this.#network.happened();
    };
    socket.on("error", (error) => {
      if (this.#state === connecting && connecting.outcome === undefined) came(connectError(error));
    });
    socket.once("connect", () => {
      if (this.#state !== connecting) return void socket.destroy();
      // From here on the connection is what is open, also when the guest gave this socket back.
      this.#network.remove(this);
      came(new Connection(socket, this.#network));
    });
    socket.connect({ host: hostOf(remote), port: remote.port, autoSelectFamily: false });
  }

  /** Takes what came of the attempt, which is over. Throws why it failed. */
  finishConnect(): void {
    const state = this.#state;
    if (state.kind !== "connecting" || state.outcome === undefined) throw this.#invalid();
    const { outcome } = state;
    if (!(outcome instanceof SocketError)) return this.#connect(outcome);
    this.#state = { kind: "closed", error: outcome };
    throw outcome;
  }

  /** `finishConnect` would not have to wait. */
  get isConnectOver(): boolean {
    return this.#state.kind !== "connecting" || this.#state.outcome !== undefined;
  }

  #connect(connection: Connection): void {
    connection.hold();
    this.#state = { kind: "connected", connection };
    this.options.descriptor = () => descriptorOf(connection.socket);
    this.options.apply(connection.socket);
  }

  /** Accepts connections from now on. Without an address, all of this machine is meant. */
  listen(): Listener {
    const { kind } = this.#state;
    if (kind !== "unbound" && kind !== "bound") throw this.#invalid();
    const wanted = kind === "bound" ? this.#state.wanted : unspecified(this.family);
    if (!this.#network.reach.mayListen(wanted)) throw new SocketError("access-denied");
    const state = this.#state.kind === "bound" ? this.#state : this.#bind(wanted);
    try {
      const listener = new Listener(this.#network, this, state.bound, state.local);
      this.options.descriptor = () => listener.descriptor;
      this.#state = { kind: "listening", listener, local: state.local };
      return listener;
    } catch (error) {
      this.#network.unclaim(state.local);
      this.#state = { kind: "closed", error: socketError(error) };
      throw error;
    }
  }

  get listener(): Listener {
    if (this.#state.kind !== "listening") throw this.#invalid();
    return this.#state.listener;
  }

  get connection(): Connection {
    if (this.#state.kind !== "connected") throw this.#invalid();
    return this.#state.connection;
  }

  get isBound(): boolean {
    return this.#state.kind !== "unbound";
  }

  get isListening(): boolean {
    return this.#state.kind === "listening";
  }

  get local(): Endpoint {
    const state = this.#state;
    if (state.kind === "bound" || state.kind === "listening") return state.local;
    return this.connection.local;
  }

  get remote(): Endpoint {
    return this.connection.remote;
  }

  setBacklog(size: bigint): void {
    const { kind } = this.#state;
    if (size === 0n) throw new SocketError("invalid-argument");
    if (kind === "listening") throw new SocketError("not-supported");
    if (kind !== "unbound" && kind !== "bound") throw this.#invalid();
    this.options.setBacklog(size);
  }

  /** One of the options, where there is a socket that has them. */
  configured<T>(read: (options: TcpOptions) => T): T {
    if (this.#state.kind === "closed" || this.#state.kind === "connecting") throw this.#invalid();
    return read(this.options);
  }

  /** Changes options, also of a connection that is there. */
  configure(change: (options: TcpOptions) => void): void {
    if (this.#state.kind === "closed" || this.#state.kind === "connecting") throw this.#invalid();
    change(this.options);
    if (this.#state.kind === "connected") this.options.apply(this.#state.connection.socket);
  }

  #invalid(): SocketError {
    return this.#state.kind === "closed" ? this.#state.error : new SocketError("invalid-state");
  }
}

/** Connections that come in and wait for a guest to take them. */
export class Listener implements Open {
  readonly isFlushed = true;
  /** Told when one came. */
  onConnection: () => void = nothing;
  readonly #network: Network;
  readonly #owner: TcpSocket;
  readonly #server: Server;
  readonly #waiting: Connection[] = [];
  #failure: SocketError | undefined;
  readonly #local: Endpoint;
  #holders = 1;

  constructor(network: Network, owner: TcpSocket, bound: BoundSocket, local: Endpoint) {
    this.#network = network;
    this.#local = local;
    this.#owner = owner;
    const { backlog } = owner.options;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, highWaterMark: highWater });
    this.#server = server;
    server.on("error", (error) => {
      this.#failure = socketError(error);
      this.#came();
    });
    server.on("connection", (socket) => {
      // Node takes connections from the system as they come: what goes beyond the backlog is turned away here.
      if (this.#waiting.length >= backlog || network.isFull) return void socket.resetAndDestroy();
      const connection = new Connection(socket, network);
      this.#waiting.push(connection);
      this.#came();
    });
    server.listen(bound, backlog);
    if (!server.listening) throw new SocketError("address-in-use");
    // From here on this is what is open, also when the guest gave the socket back.
    network.remove(owner);
    network.add(this);
  }

  get descriptor(): number | undefined {
    return descriptorOf(this.#server);
  }

  /** What went wrong with one that came in is nobody's. */
  forgetFailure(): void {
    this.#failure = undefined;
  }

  get isReady(): boolean {
    return this.#waiting.length > 0 || this.#failure !== undefined;
  }

  /** The next connection; undefined: none now. */
  accept(): TcpSocket | undefined {
    const connection = this.#waiting.shift();
    if (connection !== undefined) {
      const { family, options } = this.#owner;
      return new TcpSocket(this.#network, family, { connection, options: options.copy() });
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return undefined;
  }

  hold(): void {
    this.#holders++;
  }

  /** Without anybody who holds it, the socket or its stream of connections, nobody is let in any more. */
  release(): void {
    if (--this.#holders === 0) this.destroy();
  }

  destroy(): void {
    this.#network.unclaim(this.#local);
    this.#network.remove(this);
    this.#server.close();
    for (const connection of this.#waiting.splice(0)) connection.destroy();
  }

  #came(): void {
    this.onConnection();
    this.#network.happened();
  }
}

/** A port that nothing is left of is meant where a connection cannot be bound. */
function connectError(error: unknown): SocketError {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EADDRNOTAVAIL" ? new SocketError("address-in-use") : socketError(error);
}

function nothing(): void {}
