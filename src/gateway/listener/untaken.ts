import { BandstandError } from "../../foundation/errors/index.ts";
import { usableMemory } from "../../foundation/process/usable-memory.ts";
import { LinkedList, type Linked } from "./linked-list.ts";

/** Of one thread, however much memory there is. Bytes. */
const most = 512 * 1024 * 1024;
/** Of the memory that the process may use, for all threads. */
const share = 1 / 8;

/** What a body that is on its way holds behind what was written of it (the high water of its queue). */
export const waitingBehind = 64 * 1024;

/** Whose client takes nothing of an answer now. */
export interface Holding {
  /** What it holds, once it held something; not to be touched. */
  held: Held | undefined;
  /** Ends its answer at once. */
  giveUp(reason: BandstandError): void;
}

/** What one holds, and where it stands among the others: in a map, those that let go would live on in its old tables. */
export class Held implements Linked<Held> {
  ahead: Held | undefined;
  behind: Held | undefined;
  readonly holding: Holding;
  /** Undefined: nothing now. */
  bytes: number | undefined;

  constructor(holding: Holding) {
    this.holding = holding;
  }
}

/**
 * What clients of one thread have asked for and do not take. Each may have a little; where all together are too much, whoever
 * has stood still longest is ended. Who moves begins anew, and is never the oldest for long.
 */
export class Untaken {
  readonly #most: number;
  /** In the order in which they stood still. */
  readonly #held = new LinkedList<Held>();
  #bytes = 0;

  constructor(bytes: number) {
    this.#most = bytes;
  }

  /** So many bytes wait for this one's client, until it lets go of them. */
  hold(holding: Holding, bytes: number): void {
    this.release(holding);
    const held = (holding.held ??= new Held(holding));
    held.bytes = bytes;
    this.#held.enter(held);
    this.#bytes += bytes;
    while (this.#bytes > this.#most && this.#held.size > 1) {
      const oldest = this.#held.first?.holding;
      if (oldest === undefined) return;
      this.release(oldest);
      oldest.giveUp(
        new BandstandError("client-stalled", "the client takes nothing, and too much waits for such clients"),
      );
    }
  }

  /** Nothing where it holds nothing. */
  release({ held }: Holding): void {
    if (held?.bytes === undefined) return;
    this.#held.leave(held);
    this.#bytes -= held.bytes;
    held.bytes = undefined;
  }
}

/** What may wait in each of so many threads. Bytes. */
export function untakenBytes(workers: number, memory: number = usableMemory()): number {
  return Math.max(32 * 1024 * 1024, Math.min(most, (memory * share) / workers));
}
