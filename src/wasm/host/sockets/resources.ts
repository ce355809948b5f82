import { SocketError, TcpSocket, UdpSocket, type Connection, type Family } from "../../sockets/index.ts";
import type { Guest } from "../guest.ts";
import { Resource } from "../handles.ts";
import { InputStream, OutputStream } from "../io/index.ts";

/** The network of a guest; undefined: it has none. */
export function networkOf(guest: Guest): NonNullable<Guest["network"]> {
  const { network } = guest;
  if (network === undefined) {
    guest.component.failures.unconnected();
    throw new SocketError("access-denied");
  }
  return network;
}

/** A TCP socket in a guest's hands. */
export class TcpResource extends Resource {
  readonly kind = "tcp-socket";
  readonly socket: TcpSocket;
  /** What was begun and not finished (WASI 0.2). */
  operation: "bind" | "connect" | "listen" | undefined;
  /** Directions that were taken (WASI 0.3). */
  isReceiving = false;
  isSending = false;

  constructor(socket: TcpSocket) {
    super();
    this.socket = socket;
  }

  static create(guest: Guest, family: Family): TcpResource {
    return new TcpResource(new TcpSocket(networkOf(guest), family));
  }

  /** What it waits for is done, as far as it waits for something. */
  ready(): boolean {
    if (this.operation === "connect") return this.socket.isConnectOver;
    return this.operation !== undefined || !this.socket.isListening || this.socket.listener.isReady;
  }

  override dropped(): void {
    this.socket.drop();
  }
}

/** One direction of a connection; it works on its own, also when the socket was given back. */
export class TcpInput extends InputStream {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super(connection.source);
    connection.hold();
    this.#connection = connection;
  }

  dropped(): void {
    this.source.close();
    this.#connection.release();
  }
}

export class TcpOutput extends OutputStream {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super(connection.sink);
    connection.hold();
    this.#connection = connection;
  }

  dropped(): void {
    this.#connection.sink.end();
    this.#connection.release();
  }
}

/** Who holds a UDP socket: it and its streams, which come and go. */
class Shared {
  readonly socket: UdpSocket;
  /** Counts calls of `stream`: only what the last one gave works. */
  round = 0;
  #holders = 0;

  constructor(socket: UdpSocket) {
    this.socket = socket;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) this.socket.drop();
  }
}

/** A UDP socket in a guest's hands. */
export class UdpResource extends Resource {
  readonly kind = "udp-socket";
  readonly shared: Shared;
  isBinding = false;
  readonly #waiting: (() => boolean)[] = [];

  constructor(socket: UdpSocket) {
    super();
    this.shared = new Shared(socket).hold();
  }

  static create(guest: Guest, family: Family): UdpResource {
    return new UdpResource(new UdpSocket(networkOf(guest), family));
  }

  get socket(): UdpSocket {
    return this.shared.socket;
  }

  /** Has those who wait to receive (WASI 0.3) look in turn whenever something came. @param take true: it waits no more. */
  whenChanged(take: () => boolean): void {
    this.#waiting.push(take);
    this.socket.onChange = () => {
      while (this.#waiting.length > 0 && this.#waiting[0]!()) this.#waiting.shift();
    };
  }

  override dropped(): void {
    this.shared.release();
  }
}

abstract class DatagramStream extends Resource {
  readonly #shared: Shared;
  readonly #round: number;

  constructor(shared: Shared) {
    super();
    this.#shared = shared.hold();
    this.#round = shared.round;
  }

  /** Throws `invalid-state` where another stream took its place. */
  get socket(): UdpSocket {
    if (!this.isCurrent) throw new SocketError("invalid-state");
    return this.#shared.socket;
  }

  protected get isCurrent(): boolean {
    return this.#round === this.#shared.round;
  }

  override dropped(): void {
    this.#shared.release();
  }
}

export class IncomingDatagrams extends DatagramStream {
  readonly kind = "incoming-datagram-stream";

  ready(): boolean {
    return !this.isCurrent || this.socket.hasSomething;
  }
}

export class OutgoingDatagrams extends DatagramStream {
  readonly kind = "outgoing-datagram-stream";
  /** Datagrams that `check-send` allowed for the next `send`. */
  permit = 0;

  ready(): boolean {
    return !this.isCurrent || this.socket.hasRoom;
  }
}

/** The addresses of a name, as they come. */
export class AddressStream extends Resource {
  readonly kind = "resolve-address-stream";
  found: readonly string[] | SocketError | undefined;
  /** Addresses that were taken. */
  taken = 0;

  ready(): boolean {
    return this.found !== undefined;
  }
}

/** Stands for the network that is given to a guest; what it may do there is checked address by address. */
export class NetworkResource extends Resource {
  readonly kind = "network";
}
