import type { GuestMemory } from "../memory.ts";
import { Refused } from "./errno.ts";

/** Buffers of one call, as `IOV_MAX` of C libraries. */
const most = 1024;

/** A buffer of the guest. */
interface Span {
  pointer: number;
  size: number;
}

/**
 * The buffers of an `iovec_array` or `ciovec_array` that hold something; all of them lie in the memory. Throws `inval` for more
 * than 1024, and for more bytes than their number can say.
 */
export function spansOf(memory: GuestMemory, pointer: number, count: number): Span[] {
  const length = count >>> 0;
  const at = memory.from(pointer, length * 8, 4);
  if (length > most) throw new Refused("inval");
  const { view } = memory;
  const spans: Span[] = [];
  let total = 0;
  for (let i = 0; i < length; i++) {
    const span = { pointer: view.getUint32(at + i * 8, true), size: view.getUint32(at + i * 8 + 4, true) };
    memory.from(span.pointer, span.size);
    total += span.size;
    if (span.size > 0) spans.push(span);
  }
  if (total > 0xffff_ffff) throw new Refused("inval");
  return spans;
}

/** Below this it is quicker to copy several buffers together than to write each. */
const small = 64 << 10;

/** What is to be written, in as few pieces as is worth it. They are valid until the guest runs again. */
export function piecesOf(memory: GuestMemory, pointer: number, count: number): Buffer[] {
  const pieces = spansOf(memory, pointer, count).map((span) => memory.slice(span.pointer, span.size));
  if (pieces.length < 2) return pieces;
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  return total <= small ? [Buffer.concat(pieces, total)] : pieces;
}
