/** Bytes that one place holds: what a connection reads, and lends, at once. */
export const mostLent = 64 * 1024;
/** Pieces below this get memory of their own length: a place would hold much more than they need. */
const least = mostLent / 2;
/** Places that are kept while nobody uses them: 4 MiB. */
const mostKept = 64;

const kept: Buffer[] = [];
/** Whether somebody has it; by what lies below a piece. */
const isOut = new WeakMap<ArrayBufferLike, boolean>();

/**
 * Copies a piece that is only lent. A large one comes into a place that is used again once it is given back: the engine
 * collects all its garbage once for every few hundred buffers that somebody lets go.
 */
export function keepPiece(piece: Uint8Array): Buffer {
  const { length } = piece;
  if (length < least || length > mostLent) return Buffer.copyBytesFrom(piece);
  const place = kept.pop() ?? Buffer.allocUnsafeSlow(mostLent);
  isOut.set(place.buffer, true);
  place.set(piece);
  return place.subarray(0, length) as Buffer;
}

/** It lies in a place that is to be given back. */
export function isInPlace({ buffer }: Uint8Array): boolean {
  return isOut.get(buffer) === true;
}

/** Gives back what `keepPiece` answered, or any other piece, which nobody uses any more. */
export function returnPiece(piece: Uint8Array): void {
  if (!isInPlace(piece)) return;
  const { buffer } = piece;
  isOut.set(buffer, false);
  if (kept.length < mostKept) kept.push(Buffer.from(buffer));
}
