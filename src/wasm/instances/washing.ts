import { nextTurn } from "../../foundation/time/turns.ts";
import type { Seat } from "./seat.ts";

/** Pages of marks that are restored in one turn of the event loop: 2 MiB, some 0.2 ms. */
const slice = 2048;

/** Seats of this thread that are being washed, and who takes them then. */
const dirty: { seat: Seat; done: () => void }[] = [];

/**
 * A guest that wrote to much of its memory leaves as much to be undone. That is done bit by bit between other requests,
 * and not by throwing the memory away: V8 gives those back in full collections, which hold up everybody on the thread.
 */
export function wash(seat: Seat, done: () => void): void {
  if (dirty.push({ seat, done }) === 1) nextTurn(next);
}

function next(): void {
  const { seat, done } = dirty[0]!;
  seat.wash(slice);
  if (seat.clean) dirty.shift();
  if (dirty.length > 0) nextTurn(next);
  if (seat.clean) done();
}
