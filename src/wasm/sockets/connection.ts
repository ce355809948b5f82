import type { Socket } from "node:net";
import { highWater } from "../host/limits.ts";
import type { InputSource, OutputSink, Piece } from "../host/io/index.ts";
import { endpointOf, type Endpoint } from "./endpoint.ts";
import { SocketError, socketError } from "./failure.ts";
import type { Network, Open } from "./network.ts";

/** Bytes that wait for a guest before nothing more is read. */
const readAhead = 128 << 10;

/** A TCP connection: where a guest reads from and writes to, each direction closed for itself. */
export class Connection implements Open {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly source: ConnectionSource;
  readonly sink: ConnectionSink;
  readonly #socket: Socket;
  readonly #network: Network;
  /** Who holds it: the socket in the guest's hands and its two directions. */
  #holders = 0;

  constructor(socket: Socket, network: Network) {
    this.#socket = socket;
    this.#network = network;
    this.local = endpointOf(socket.localAddress ?? "", socket.localPort ?? 0);
    this.remote = endpointOf(socket.remoteAddress ?? "", socket.remotePort ?? 0);
    this.source = new ConnectionSource(socket, network);
    this.sink = new ConnectionSink(socket, network);
    network.add(this);
    socket.on("error", (error) => this.#broke(socketError(error)));
    socket.on("close", () => {
      this.#broke(new SocketError("connection-aborted", "the connection is closed"));
      network.remove(this);
    });
  }

  get isFlushed(): boolean {
    return this.#socket.destroyed || this.sink.flushed();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  hold(): void {
    this.#holders++;
  }

  /** Nobody of the guest's holds it any more: it is closed when what was written is on its way. */
  release(): void {
    if (--this.#holders > 0) return;
    this.source.close();
    this.sink.end();
    if (this.isFlushed && this.#socket.writableFinished) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  /** Its options can be set. */
  get socket(): Socket {
    return this.#socket;
  }

  #broke(error: SocketError): void {
    this.source.broke(error);
    this.sink.broke(error);
    this.#network.happened();
  }
}

/** What the other side sends. */
export class ConnectionSource implements InputSource {
  failure: SocketError | undefined;
  /** Told when there is something to read, the end included. */
  onReady: () => void = nothing;
  readonly #socket: Socket;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #isShut = false;

  constructor(socket: Socket, network: Network) {
    this.#socket = socket;
    const ready = (): void => {
      this.onReady();
      network.happened();
    };
    socket.on("data", (piece: Buffer) => {
      // Who reads no more lets the other side write on, as far as it likes.
      if (this.#isShut) return;
      this.#pieces.push(piece);
      this.#size += piece.length;
      if (this.#size >= readAhead) socket.pause();
      ready();
    });
    socket.on("end", () => {
      this.#ended = true;
      ready();
    });
    socket.resume();
  }

  ready(): boolean {
    return this.#size > 0 || this.#ended;
  }

  take(limit: number): Piece | undefined {
    const [first] = this.#pieces;
    if (first === undefined) return this.#ended ? undefined : "";
    if (limit === 0) return "";
    const piece = first.length <= limit ? first : first.subarray(0, limit);
    if (piece === first) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(limit);
    this.#size -= piece.length;
    if (this.#size < readAhead) this.#socket.resume();
    return piece;
  }

  /** As `shutdown` for receiving: what is there is thrown away. */
  close(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    this.#ended = true;
    this.failure = undefined;
    this.#pieces.length = 0;
    this.#size = 0;
    this.#socket.resume();
    this.onReady();
  }

  broke(error: SocketError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.failure = error;
    this.onReady();
  }
}

/** What the guest sends. */
export class ConnectionSink implements OutputSink {
  /** Why it closed before its end. */
  error: SocketError | undefined;
  /** Told when there is room again, when all was sent, and when nothing more can be. */
  onRoom: () => void = nothing;
  readonly #socket: Socket;
  readonly #written: () => void;
  #isClosed = false;

  constructor(socket: Socket, network: Network) {
    this.#socket = socket;
    const written = (): void => {
      this.onRoom();
      network.happened();
    };
    this.#written = written;
  }

  /** That the other side reads no more is how streams close, and no failure of theirs. */
  get failure(): SocketError | undefined {
    return this.error?.code === "connection-broken" ? undefined : this.error;
  }

  room(): number | undefined {
    return this.#isClosed ? undefined : Math.max(highWater - this.#socket.writableLength, 0);
  }

  write(bytes: Buffer): void {
    this.push(Buffer.from(bytes));
  }

  push(piece: Piece): void {
    if (this.#isClosed || piece.length === 0) return;
    if (typeof piece === "string") this.#socket.write(piece, "latin1", this.#written);
    else this.#socket.write(piece, this.#written);
  }

  flushed(): boolean {
    return this.#socket.writableLength === 0 || this.#socket.destroyed;
  }

  /** As `shutdown` for sending: what was written goes out first. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.end(this.#written);
    this.onRoom();
  }

  broke(error: SocketError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.error = error;
    this.onRoom();
  }
}

function nothing(): void {}
