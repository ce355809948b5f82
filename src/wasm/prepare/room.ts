import { summedRoom } from "./checksum.ts";

/** Somebody has the room of this thread. */
let isTaken = false;

/**
 * Where files are read into, one after the other: memory that nobody touched costs half a microsecond for each 4 KiB, a tenth of a
 * start of 200 kB. There is one for each thread, where the checksum is made too; who needs another meanwhile makes it.
 */
export class Room {
  #isOurs = false;

  /** So many bytes. What was given before is not used any more. */
  readonly of = (size: number): Buffer => {
    if (isTaken && !this.#isOurs) return Buffer.allocUnsafeSlow(size);
    isTaken = this.#isOurs = true;
    return summedRoom(size);
  };

  /** Nobody uses what was given any more: others may overwrite it. */
  leave(): void {
    if (this.#isOurs) isTaken = false;
    this.#isOurs = false;
  }
}
