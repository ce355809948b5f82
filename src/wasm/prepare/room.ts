/** Room is made for so many bytes at least, and for as many more. */
const step = 64 << 10;

/**
 * Where files are read into, one after the other: memory that nobody touched costs half a microsecond for each 4 KiB, a tenth of a
 * start of 200 kB. One for each thread waits for the next file; who needs another meanwhile makes it.
 */
export class Room {
  #bytes: Buffer | undefined;

  /** So many bytes, or more. What was given before is not used any more. */
  readonly of = (size: number): Buffer => {
    this.#bytes ??= spare.pop();
    if (this.#bytes === undefined || this.#bytes.length < size)
      this.#bytes = Buffer.allocUnsafeSlow((size + step - 1) & -step);
    return this.#bytes;
  };

  /** Nobody uses what was given any more: others may overwrite it. */
  leave(): void {
    if (this.#bytes !== undefined && spare.length === 0) spare.push(this.#bytes);
    this.#bytes = undefined;
  }
}

/** One at most. */
const spare: Buffer[] = [];
