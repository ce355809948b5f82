/** Holds all that a connection reads at once, and what is added to it. */
const large = 128 * 1024;
/** What waits for a client that does not read holds its place: most messages have a small one. */
const small = 4 * 1024;

/**
 * Where a thread puts the next message together: bytes are copied from where they were read and text is written between them,
 * so that a message passed on costs neither a string nor a buffer of its own. One message at a time: whoever begins one
 * writes it in the same stack.
 */
export class Draft {
  #small = Buffer.allocUnsafeSlow(small);
  #large = Buffer.allocUnsafeSlow(large);
  #area = this.#small;
  /** Of the small place, by their length: the same lengths come again and again. */
  #views: Uint8Array[] = [];
  #length = 0;

  /** @param most that the message is long: no more may come. */
  begin(most: number): void {
    this.#area = most > small ? this.#large : this.#small;
    this.#length = 0;
  }

  bytes(from: Buffer, begin: number, end: number): void {
    if (end <= begin) return;
    if (end - begin > this.#area.length - this.#length) throw tooLong();
    this.#length += from.copy(this.#area, this.#length, begin, end);
  }

  /** Text in latin1. */
  text(text: string): void {
    if (text.length > this.#area.length - this.#length) throw tooLong();
    this.#length += this.#area.write(text, this.#length, "latin1");
  }

  get length(): number {
    return this.#length;
  }

  /** Copies what was put together. @returns how many bytes that were. */
  copyTo(area: Buffer, at: number): number {
    return this.#area.copy(area, at, 0, this.#length);
  }

  /** What was put together, until the next `begin`. */
  get made(): Uint8Array {
    const { buffer } = this.#area;
    if (this.#area !== this.#small) return new Uint8Array(buffer, 0, this.#length);
    return (this.#views[this.#length] ??= new Uint8Array(buffer, 0, this.#length));
  }

  /** What was put together, for good. */
  kept(): Buffer {
    return Buffer.copyBytesFrom(this.#area, 0, this.#length);
  }

  /** Somebody holds what was put together: the next message has another place. */
  leave(): void {
    if (this.#area === this.#small) {
      this.#area = this.#small = Buffer.allocUnsafeSlow(small);
      this.#views = [];
    } else this.#area = this.#large = Buffer.allocUnsafeSlow(large);
  }
}

function tooLong(): RangeError {
  return new RangeError("a message is longer than was said");
}

/** The thread's own. */
export const draft = new Draft();
