/** Longer ones are not worth comparing. */
const longest = 64;
const places = 64;
/** To be copied, which V8 does at once. */
const noTexts = Array.from({ length: places }, () => "");
const allAscii = Array.from({ length: places }, () => true);

/**
 * Texts that a guest shows again and again, mostly constants of its program: one that still stands where it stood is
 * the string that it was, which costs a fraction of making it anew. A string a memory's place, compared with its bytes, so
 * that it is never anything but what stands there.
 */
export class Texts {
  readonly #texts = noTexts.slice();
  readonly #isAscii = allAscii.slice();
  readonly #bytes = Buffer.alloc(places * longest);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);

  /** Bytes from `at` on as text with one unit a byte. The caller has checked that they are there. */
  latin1(view: DataView, bytes: Buffer, at: number, size: number): string {
    if (size > longest) return bytes.toString("latin1", at, at + size);
    return this.#texts[this.#find(view, bytes, at, size)]!;
  }

  /** The same where all of it is ASCII, which reads alike as UTF-8; undefined: it is not, or too long to look. */
  ascii(view: DataView, bytes: Buffer, at: number, size: number): string | undefined {
    if (size > longest) return undefined;
    const place = this.#find(view, bytes, at, size);
    return this.#isAscii[place] === true ? this.#texts[place] : undefined;
  }

  /** Its place, where it is known from now on. */
  #find(view: DataView, bytes: Buffer, at: number, size: number): number {
    const place = (at ^ (at >>> 6) ^ size) & (places - 1);
    if (this.#texts[place]!.length !== size || !this.#isThere(place * longest, view, at, size)) {
      this.#texts[place] = bytes.toString("latin1", at, at + size);
      bytes.copy(this.#bytes, place * longest, at, at + size);
      this.#isAscii[place] = bytes.subarray(at, at + size).every((unit) => unit < 0x80);
    }
    return place;
  }

  #isThere(from: number, view: DataView, at: number, size: number): boolean {
    const own = this.#view;
    let i = 0;
    for (; i + 4 <= size; i += 4) if (own.getInt32(from + i) !== view.getInt32(at + i)) return false;
    for (; i < size; i++) if (own.getUint8(from + i) !== view.getUint8(at + i)) return false;
    return true;
  }
}
