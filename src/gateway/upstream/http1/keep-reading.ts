import type { Socket } from "node:net";

type Done = (error?: NodeJS.ErrnoException | null) => void;

/** What writing to a connection says whose other side closed it. */
const closed = new Set(["EPIPE", "ECONNRESET"]);

/**
 * Lets a socket be read to its end although nothing can be written any more. A backend may answer and close before it
 * has all of a request (RFC 9112, section 9.6); Node destroys a socket with its first failed write, and an answer that
 * waits in the kernel with it. Reading finds the connection's end soon after.
 * @param onUnwritable what is written from here on is lost.
 */
export function keepReading(socket: Socket, onUnwritable: () => void): void {
  const { _write: write, _writev: writev } = socket;
  const forgiving =
    (done: Done): Done =>
    (error) => {
      if (error == null || !closed.has(error.code ?? "")) return done(error);
      onUnwritable();
      done();
    };
  // A function that is written where it is assigned would live among old objects, and keep all that it sees.
  const one: Socket["_write"] = (chunk, encoding, done) => write.call(socket, chunk, encoding, forgiving(done));
  const several: Socket["_writev"] = (chunks, done) => writev?.call(socket, chunks, forgiving(done));
  socket._write = one;
  socket._writev = several;
}
