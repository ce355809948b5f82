import { FutureReader, HostBytes, HostItems, Pipe, StreamReader } from "../../../async/index.ts";
import { SocketError, type Connection, type Listener, type TcpSocket } from "../../../sockets/index.ts";
import type { BandstandError } from "../../../../foundation/errors/index.ts";
import type { Element } from "../../contract.ts";
import type { Guest } from "../../guest.ts";
import { WholeSource, type InputSource } from "../../io/index.ts";
import type { GuestMemory } from "../../memory.ts";
import { TcpResource } from "../../sockets/resources.ts";
import { Done, doneElement } from "./dialect.ts";

const byteElement: Element = { size: 1, align: 1, plain: true };
const handleElement: Element = { size: 4, align: 4, plain: false };

/** The readable end of a future as a guest's handle. */
export function addFuture(guest: Guest, done: Done): number {
  const reader = new FutureReader(guest.tasks, doneElement, done);
  return (reader.handle = guest.handles.add(reader));
}

/** What the other side sends; its direction works on its own, also when the socket was given back. */
class Received extends HostBytes {
  readonly done = new Done();
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super(undefined);
    connection.hold();
    this.#connection = connection;
  }

  protected override open(onReady: () => void): InputSource {
    this.#connection.source.onReady = onReady;
    return this.#connection.source;
  }

  protected override ended(failure: unknown): void {
    this.done.settle(failure as SocketError | undefined);
    this.#connection.source.close();
    this.#connection.release();
  }
}

/** A stream that ends at once, since its socket does not receive. */
class Nothing extends HostBytes {
  constructor() {
    super(undefined);
  }

  protected override open(): InputSource {
    return new WholeSource("");
  }

  protected override ended(): void {}
}

/** The stream of what comes in and the future of its end. */
export function receive(guest: Guest, resource: TcpResource): [stream: number, done: number] {
  const add = (bytes: HostBytes, done: Done): [number, number] => {
    const reader = new StreamReader(guest.tasks, byteElement, bytes);
    reader.handle = guest.handles.add(reader);
    return [reader.handle, addFuture(guest, done)];
  };
  try {
    const { connection } = resource.socket;
    if (resource.isReceiving) throw new SocketError("invalid-state");
    resource.isReceiving = true;
    const bytes = new Received(connection);
    return add(bytes, bytes.done);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    const done = new Done();
    done.settle(error);
    return add(new Nothing(), done);
  }
}

/** Sends what a stream brings, as fast as the other side takes it. */
export function send(guest: Guest, resource: TcpResource, origin: Pipe | HostBytes): Done {
  const done = new Done();
  try {
    const { connection } = resource.socket;
    if (resource.isSending) throw new SocketError("invalid-state");
    resource.isSending = true;
    transmit(guest, connection, origin, done);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    origin.closeReader();
    done.settle(error);
  }
  return done;
}

function transmit(guest: Guest, connection: Connection, origin: Pipe | HostBytes, done: Done): void {
  const { sink } = connection;
  connection.hold();
  let isOver = false;
  const settle = (): void => {
    if (isOver || sink.room() !== undefined || !(sink.error !== undefined || sink.flushed())) return;
    isOver = true;
    done.settle(sink.error);
    connection.release();
  };
  if (origin instanceof Pipe) {
    sink.onRoom = () => {
      try {
        origin.flush();
      } catch (error) {
        guest.end(error as BandstandError);
      }
      settle();
    };
    origin.attach(sink, () => {
      sink.end();
      settle();
    });
  } else {
    let onRoom: () => void = () => {};
    sink.onRoom = () => (onRoom(), settle());
    void relay(origin, sink, (listener) => (onRoom = listener)).then(() => {
      sink.end();
      settle();
    });
  }
}

/** What came from one connection goes into another, or the same, without the guest. */
async function relay(
  origin: HostBytes,
  sink: Connection["sink"],
  listen: (listener: () => void) => void,
): Promise<void> {
  try {
    for (let piece = await origin.pull(); piece !== undefined; piece = await origin.pull()) {
      sink.push(piece);
      while (sink.room() === 0) await new Promise<void>((resolve) => listen(resolve));
      if (sink.room() === undefined) return origin.closeReader();
    }
  } catch {
    // Why it broke stands in the future of who received it.
  }
}

/** Connections that come in, each a socket of its own. */
class Accepted extends HostItems<TcpSocket> {
  readonly #guest: Guest;
  readonly #listener: Listener;

  constructor(guest: Guest, listener: Listener) {
    super(handleElement.size);
    this.#guest = guest;
    this.#listener = listener;
    listener.onConnection = () => this.arrived();
  }

  /** What went wrong with one that came in, nobody hears of; the next one comes. */
  protected override get isWaiting(): boolean {
    this.#listener.forgetFailure();
    return !this.#listener.isReady;
  }

  protected override next(): TcpSocket | undefined {
    return this.#listener.accept();
  }

  protected override put(memory: GuestMemory, at: number, socket: TcpSocket): void {
    const handle = this.#guest.handles.add(new TcpResource(socket));
    memory.view.setUint32(memory.at(at, 4, 4), handle, true);
  }

  protected override ended(): void {
    this.#listener.release();
  }
}

/** The stream of connections; the port is listened at as long as it, or the socket, is there. */
export function accept(guest: Guest, listener: Listener): number {
  listener.hold();
  const reader = new StreamReader(guest.tasks, handleElement, new Accepted(guest, listener));
  return (reader.handle = guest.handles.add(reader));
}
