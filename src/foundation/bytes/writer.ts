/** Shorter ones are copied here; a call of Node costs as much as so many bytes. */
const few = 32;

/**
 * Puts messages together in a place that is used again and again: bytes are copied and text is written between them, so that
 * neither a string nor a buffer is made for a message. What does not fit throws a RangeError, and nothing of it was written.
 */
export class ByteWriter {
  protected area: Buffer;
  /** Where what was written ends. */
  end = 0;

  constructor(area: Buffer) {
    this.area = area;
  }

  bytes(from: Buffer, begin: number, end: number): void {
    if (end <= begin) return;
    const { area } = this;
    let at = this.end;
    if (end - begin > area.length - at) throw tooLong();
    this.end = at + end - begin;
    if (end - begin > few) from.copy(area, at, begin, end);
    else for (let index = begin; index < end; index++) area[at++] = from[index] as number;
  }

  /** All of these bytes. */
  all(bytes: Uint8Array): void {
    const { length } = bytes;
    const { area } = this;
    let at = this.end;
    if (length > area.length - at) throw tooLong();
    this.end = at + length;
    if (length > few) area.set(bytes, at);
    else for (let index = 0; index < length; index++) area[at++] = bytes[index] as number;
  }

  /** Text in latin1. */
  text(text: string): void {
    const { length } = text;
    const { area } = this;
    let at = this.end;
    if (length > area.length - at) throw tooLong();
    this.end = at + length;
    if (length > few / 2) area.write(text, at, "latin1");
    else for (let index = 0; index < length; index++) area[at++] = text.charCodeAt(index);
  }

  /** A whole number, as `toString(radix)` has it. @param least digits. */
  number(value: number, radix = 10, least = 1): void {
    if (value >= 2 ** 31) return this.text(value.toString(radix));
    let digits = 1;
    for (let rest = value; rest >= radix; rest = (rest / radix) | 0) digits++;
    digits = Math.max(digits, least);
    const { area } = this;
    if (digits > area.length - this.end) throw tooLong();
    this.end += digits;
    let rest = value;
    for (let at = this.end - 1; digits > 0; digits--, at--) {
      const digit = rest % radix;
      area[at] = digit < 10 ? 0x30 + digit : 0x57 + digit;
      rest = (rest / radix) | 0;
    }
  }
}

function tooLong(): RangeError {
  return new RangeError("a message is longer than was said");
}
