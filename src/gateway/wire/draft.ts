import { ByteWriter } from "../../foundation/bytes/index.ts";
import { turn } from "./turn.ts";

/** Holds all that a connection reads at once, and what is added to it. */
const large = 128 * 1024;
/** What waits for a client that does not read holds its place: most messages have a small one. */
const small = 4 * 1024;

/**
 * Where a thread puts the next message together: bytes are copied from where they were read and text is written between them,
 * so that a message passed on costs neither a string nor a buffer of its own. While messages wait for the end of the turn it is
 * put together where it will wait. One message at a time: whoever begins one writes it in the same stack.
 */
export class Draft extends ByteWriter {
  #small: Buffer;
  #large = Buffer.allocUnsafeSlow(large);
  /** Of the small place, by their length: the same lengths come again and again. */
  #views: Uint8Array[] = [];
  #from = 0;
  #waits = false;

  constructor() {
    const area = Buffer.allocUnsafeSlow(small);
    super(area);
    this.#small = area;
  }

  /** @param most that the message is long: no more may come. */
  begin(most: number): void {
    this.#waits = turn.waits && turn.admits(most);
    if (this.#waits) {
      this.area = turn.area;
      this.#from = turn.used;
    } else {
      this.area = most > small ? this.#large : this.#small;
      this.#from = 0;
    }
    this.end = this.#from;
  }

  get length(): number {
    return this.end - this.#from;
  }

  /** It was put together where it waits for the end of the turn. */
  get waits(): boolean {
    return this.#waits;
  }

  /** What was put together, until the next `begin`; what waits, until the turn is over. */
  get made(): Uint8Array {
    if (this.#waits) return turn.view(this.end);
    const { length } = this;
    if (this.area !== this.#small) return new Uint8Array(this.area.buffer, this.#from, length);
    return (this.#views[length] ??= new Uint8Array(this.area.buffer, 0, length));
  }

  /** What was put together, for good. */
  kept(): Buffer {
    return Buffer.copyBytesFrom(this.area, this.#from, this.length);
  }

  /** Somebody holds what was put together: the next message has another place. */
  leave(): void {
    if (this.area === this.#small) {
      this.area = this.#small = Buffer.allocUnsafeSlow(small);
      this.#views = [];
    } else this.area = this.#large = Buffer.allocUnsafeSlow(large);
  }
}

/** The thread's own. */
export const draft = new Draft();
