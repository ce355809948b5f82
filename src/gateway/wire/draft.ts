import { turn } from "./turn.ts";

/** Holds all that a connection reads at once, and what is added to it. */
const large = 128 * 1024;
/** What waits for a client that does not read holds its place: most messages have a small one. */
const small = 4 * 1024;
/** Shorter ones are copied here; a call of Node costs as much as so many bytes. */
const few = 32;

/**
 * Where a thread puts the next message together: bytes are copied from where they were read and text is written between them,
 * so that a message passed on costs neither a string nor a buffer of its own. While messages wait for the end of the turn it is
 * put together where it will wait. One message at a time: whoever begins one writes it in the same stack.
 */
export class Draft {
  #small = Buffer.allocUnsafeSlow(small);
  #large = Buffer.allocUnsafeSlow(large);
  #area = this.#small;
  /** Of the small place, by their length: the same lengths come again and again. */
  #views: Uint8Array[] = [];
  #from = 0;
  #end = 0;
  #waits = false;

  /** @param most that the message is long: no more may come. */
  begin(most: number): void {
    this.#waits = turn.waits && turn.admits(most);
    if (this.#waits) {
      this.#area = turn.area;
      this.#from = turn.used;
    } else {
      this.#area = most > small ? this.#large : this.#small;
      this.#from = 0;
    }
    this.#end = this.#from;
  }

  bytes(from: Buffer, begin: number, end: number): void {
    if (end <= begin) return;
    const area = this.#area;
    let at = this.#end;
    if (end - begin > area.length - at) throw tooLong();
    this.#end = at + end - begin;
    if (end - begin > few) from.copy(area, at, begin, end);
    else for (let index = begin; index < end; index++) area[at++] = from[index] as number;
  }

  /** All of these bytes. */
  all(bytes: Uint8Array): void {
    if (bytes.length > this.#area.length - this.#end) throw tooLong();
    this.#area.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Text in latin1. */
  text(text: string): void {
    const { length } = text;
    const area = this.#area;
    let at = this.#end;
    if (length > area.length - at) throw tooLong();
    this.#end = at + length;
    if (length > few / 2) area.write(text, at, "latin1");
    else for (let index = 0; index < length; index++) area[at++] = text.charCodeAt(index);
  }

  /** A whole number as `toString(36)` has it. */
  number36(value: number): void {
    if (value >= 2 ** 31) return this.text(value.toString(36));
    let digits = 1;
    for (let rest = value; rest >= 36; rest = (rest / 36) | 0) digits++;
    if (digits > this.#area.length - this.#end) throw tooLong();
    this.#end += digits;
    let at = this.#end;
    let rest = value;
    do {
      const digit = rest % 36;
      this.#area[--at] = digit < 10 ? 0x30 + digit : 0x57 + digit;
      rest = (rest / 36) | 0;
    } while (rest > 0);
  }

  get length(): number {
    return this.#end - this.#from;
  }

  /** Where it ends in its place. */
  get end(): number {
    return this.#end;
  }

  /** It was put together where it waits for the end of the turn. */
  get waits(): boolean {
    return this.#waits;
  }

  /** What was put together, until the next `begin`; what waits, until the turn is over. */
  get made(): Uint8Array {
    const { length } = this;
    if (this.#area !== this.#small) return new Uint8Array(this.#area.buffer, this.#from, length);
    return (this.#views[length] ??= new Uint8Array(this.#area.buffer, 0, length));
  }

  /** What was put together, for good. */
  kept(): Buffer {
    return Buffer.copyBytesFrom(this.#area, this.#from, this.length);
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
