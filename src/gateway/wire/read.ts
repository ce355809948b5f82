import type { Socket } from "node:net";

/** What of a handle tells of reading. Node gives none of it a promise. */
interface ReadingHandle {
  onread?: unknown;
  /** In all. */
  bytesRead?: unknown;
  useUserBuffer?: unknown;
}

/** Has a server's own socket read into that buffer, before anything came. False: this Node's handle is another; nothing changed. */
export function readInto(socket: Socket, buffer: Buffer): boolean {
  const { _handle: handle } = socket as { _handle?: ReadingHandle | null };
  if (typeof handle?.useUserBuffer !== "function" || !isKnown(handle)) return false;
  (handle as unknown as { useUserBuffer(buffer: Buffer): void }).useUserBuffer(buffer);
  return true;
}

function isKnown(
  handle: ReadingHandle,
): handle is { onread: (...parameters: unknown[]) => unknown; bytesRead: number } {
  return typeof handle.onread === "function" && typeof handle.bytesRead === "number";
}

/**
 * Hands what comes on a socket that reads into a buffer of its owner's (`onread`) over without the socket's own part of it,
 * which costs as much as reading a head: it looks for timers and limits that we have elsewhere. The end and errors, and all where
 * the handle is not as it was, go the socket's way.
 * @param take is told how many bytes stand in the buffer. Answers false: they go the socket's way.
 */
export function readBelow(socket: Socket, take: (size: number) => boolean): void {
  const { _handle: handle } = socket as { _handle?: ReadingHandle | null };
  if (handle == null || !isKnown(handle)) return;
  const below = handle;
  const above = handle.onread;
  let before = handle.bytesRead;
  function onread(this: unknown, ...parameters: unknown[]): unknown {
    const now = below.bytesRead;
    const size = now - before;
    before = now;
    // A failure adds nothing.
    if (size > 0 && take(size)) return undefined;
    return above.apply(this, parameters);
  }
  below.onread = onread;
}
