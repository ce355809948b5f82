import { Socket, type SocketConstructorOpts } from "node:net";
import type { Lent } from "../../http1/head-lines.ts";
import { readBelow } from "../../wire/read.ts";

/**
 * All connections of a thread read into this one buffer. What is kept is copied out of it at once, so that a request
 * costs a few hundred bytes of a slab instead of 64 KiB of its own, that are allocated, cut, registered and collected.
 */
export const lent: Lent = { bytes: Buffer.allocUnsafeSlow(64 * 1024), turn: 0 };

/** What `net.Socket` calls its handle; it has no public name, and may have another one some day. */
interface Handled {
  _handle?: { useUserBuffer?: unknown } | null;
}

/** A server's connection that reads into the common buffer. */
export class LentSocket extends Socket {
  /** Gets what is read, in the first so many bytes; only until it returns. Without one it is said as `data`. */
  reader: ((bytes: Buffer, length: number) => void) | undefined;

  constructor(handle: object) {
    const callback = (size: number): boolean => {
      lent.turn++;
      if (this.reader === undefined) this.emit("data", Buffer.copyBytesFrom(lent.bytes, 0, size));
      else this.reader(lent.bytes, size);
      return true;
    };
    const onread = { buffer: lent.bytes, callback };
    super({ handle, allowHalfOpen: true, onread } as unknown as SocketConstructorOpts);
    readBelow(this, (size) => {
      const { reader } = this;
      if (reader === undefined) return false;
      lent.turn++;
      reader(lent.bytes, size);
      return true;
    });
  }
}

/**
 * The same connection as a socket that reads into the common buffer, which a server's own sockets cannot be told to do.
 * The socket that was given must not be used any more; where its handle is not found, it is answered as it is.
 */
export function readingIntoLentBuffer(socket: Socket): Socket {
  const { _handle: handle } = socket as Handled;
  if (typeof handle?.useUserBuffer !== "function") return socket;
  (socket as Handled)._handle = null;
  return new LentSocket(handle);
}
