import { Socket, type SocketConstructorOpts } from "node:net";

/**
 * All connections of a thread read into this one buffer. What is read is copied out of it at once, so that a request
 * costs a few hundred bytes of a slab instead of 64 KiB of its own, that are allocated, cut, registered and collected.
 */
const lent = Buffer.allocUnsafeSlow(64 * 1024);

/** What `net.Socket` calls its handle; it has no public name, and may have another one some day. */
interface Handled {
  _handle?: { useUserBuffer?: unknown } | null;
}

/**
 * The same connection as a socket that reads into the common buffer, which a server's own sockets cannot be told to do.
 * It says `data` with bytes that are the listener's. The socket that was given must not be used any more; where its
 * handle is not found, it is answered as it is.
 */
export function readingIntoLentBuffer(socket: Socket): Socket {
  const { _handle: handle } = socket as Handled;
  if (typeof handle?.useUserBuffer !== "function") return socket;
  (socket as Handled)._handle = null;
  const callback = (size: number): boolean => {
    own.emit("data", Buffer.copyBytesFrom(lent, 0, size));
    return true;
  };
  const onread = { buffer: lent, callback };
  const own: Socket = new Socket({ handle, allowHalfOpen: true, onread } as unknown as SocketConstructorOpts);
  return own;
}
