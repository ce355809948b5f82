import type { Socket } from "node:net";

/** What of a handle tells of reading. Node gives none of it a promise. */
interface ReadingHandle {
  onread?: unknown;
  /** In all. */
  bytesRead?: unknown;
}

/**
 * Hands what comes on a socket that reads into a buffer of its owner's (`onread`) over without the socket's own part of it,
 * which costs as much as reading a head: it looks for timers and limits that we have elsewhere. The end and errors, and all where
 * the handle is not as it was, go the socket's way.
 * @param take is told how many bytes stand in the buffer. Answers false: they go the socket's way.
 */
export function readBelow(socket: Socket, take: (size: number) => boolean): void {
  const { _handle: handle } = socket as { _handle?: ReadingHandle | null };
  if (handle == null || typeof handle.onread !== "function" || typeof handle.bytesRead !== "number") return;
  const above = handle.onread as (...parameters: unknown[]) => unknown;
  const below = handle as { bytesRead: number };
  let before = below.bytesRead;
  function onread(this: unknown, ...parameters: unknown[]): unknown {
    const now = below.bytesRead;
    const size = now - before;
    before = now;
    // A failure adds nothing.
    if (size > 0 && take(size)) return undefined;
    return above.apply(this, parameters);
  }
  handle.onread = onread;
}
