import { BandstandError } from "../../foundation/errors/index.ts";
import { limits } from "./limits.ts";

/** What kind of thing a byte position is in, for messages: `code section`, `component type section`. */
export interface Place {
  /** Of the whole file, so that nested modules report offsets a hex editor shows. */
  base: number;
  section: string;
  /** What is left of `limits.entries`, where lists are kept. */
  entries?: Entries;
}

/** Of one component and all in it. */
export interface Entries {
  left: number;
}

/** Where nothing was read yet. */
export function allEntries(): Entries {
  return { left: limits.entries };
}

/**
 * Reads the primitive values of the WebAssembly binary format from hostile bytes. Every method throws
 * `component-malformed` with offset, section and what was expected, and none reads beyond `end`.
 * https://webassembly.github.io/spec/core/binary/values.html
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly place: Place;
  position: number;
  end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, place: Place = { base: 0, section: "header" }) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.place = place;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  fail(expected: string, at = this.position, remedy = damaged): never {
    const message = `byte ${this.place.base + at}, ${this.place.section}: ${expected}`;
    throw new BandstandError("component-malformed", message, { remedy });
  }

  /** It is of a proposal that the engine has not on. Throws `component-unsupported`. */
  unsupported(what: string, at = this.position): never {
    const message = `byte ${this.place.base + at}, ${this.place.section}: it uses ${what}, which this engine does not run`;
    throw new BandstandError("component-unsupported", message, { remedy: newer });
  }

  u8(expected = "another byte"): number {
    if (this.position >= this.end) this.fail(`expected ${expected}, got the end of the section`);
    return this.bytes[this.position++]!;
  }

  peek(): number {
    return this.position < this.end ? this.bytes[this.position]! : -1;
  }

  /** LEB128 of at most 5 bytes. */
  u32(expected = "a number"): number {
    const start = this.position;
    let byte = this.u8(expected);
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; ; shift += 7) {
      byte = this.u8(expected);
      if (shift === 28) {
        if (byte > 0x0f) this.fail(`expected ${expected} of 32 bits, got a longer one`, start);
        return (value + byte * 0x1000_0000) >>> 0;
      }
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over a signed or unsigned LEB128 of at most so many bytes; the value does not matter here. */
  skipLeb(maximumBytes: number): void {
    for (let n = 0; n < maximumBytes; n++) if (this.u8("a number") < 0x80) return;
    this.fail(`expected a number of at most ${maximumBytes} bytes, got a longer one`, this.position - maximumBytes);
  }

  /** Unsigned 64 bits; values above 2^53 are rounded, which is enough for limits. */
  u64(expected = "a number"): number {
    if (this.peek() < 0x80) return this.u8(expected);
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8(expected);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail(`expected ${expected} of 64 bits, got a longer one`, start);
  }

  /** Signed 33 bits, as block types and value types are written. */
  s33(): number {
    const first = this.peek();
    if (first < 0x80) return (this.u8("a type") << 25) >> 25;
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8("a type");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return this.fail("expected a type of 33 bits, got a longer one", start);
  }

  /** A vector's length. Each item takes at least `least` bytes, so a count beyond the rest is a lie. */
  count(what: string, least = 1): number {
    const start = this.position;
    const value = this.u32(`the number of ${what}`);
    if (value * least > this.end - this.position) {
      this.fail(`expected at most ${this.end - this.position} bytes of ${what}, got a count of ${value}`, start);
    }
    this.spend(value, start);
    return value;
  }

  /** So many entries more are kept. */
  spend(count: number, at: number): void {
    const { entries } = this.place;
    if (entries === undefined || (entries.left -= count) >= 0) return;
    this.fail(`expected at most ${limits.entries} entries of lists in all`, at, "Make the component smaller.");
  }

  /** So many bytes, as a view. */
  take(length: number, what: string): Uint8Array {
    if (length > this.end - this.position) {
      this.fail(`expected ${length} bytes of ${what}, got only ${this.end - this.position}`);
    }
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  name(what = "a name"): string {
    const start = this.position;
    const bytes = this.take(this.u32(`the length of ${what}`), what);
    try {
      return utf8.decode(bytes);
    } catch {
      return this.fail(`expected ${what} in UTF-8`, start);
    }
  }

  /** All must have been read. */
  finish(what = "section"): void {
    if (this.position !== this.end)
      this.fail(`expected the end of the ${what}, got ${this.end - this.position} more bytes`);
  }

  /** A reader of the next `length` bytes; this one goes on behind them. */
  part(length: number, section: string): Reader {
    const start = this.position;
    this.take(length, section);
    return new Reader(this.bytes, start, this.position, { ...this.place, section });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const newer = "Build it without, for what engines take as they are (WebAssembly 3.0).";
const damaged =
  "The file is damaged, or made for a draft of the format: fetch it again, or build it with a current toolchain.";
