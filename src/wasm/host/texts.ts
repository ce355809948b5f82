/** Longer ones are not worth comparing byte by byte. */
const longest = 64;
const places = 64;

/**
 * Texts that a guest shows again and again, mostly constants of its program: one that still stands where it stood is
 * the string that it was, which costs a third of making it anew, and whose hash is known. A string a memory's place, checked
 * byte by byte, so that it is never anything but what stands there.
 */
export class Texts {
  readonly #texts: string[] = Array.from({ length: places }, () => "");

  /** Bytes from `at` on as text with one unit a byte. The caller has checked that they are there. */
  latin1(bytes: Buffer, at: number, size: number): string {
    if (size > longest) return bytes.toString("latin1", at, at + size);
    const place = (at ^ (at >>> 6) ^ size) & (places - 1);
    const known = this.#texts[place]!;
    if (known.length === size && isThere(known, bytes, at)) return known;
    return (this.#texts[place] = bytes.toString("latin1", at, at + size));
  }

  /** The same where all of it is ASCII, which reads alike as UTF-8; undefined: it is not, or too long to look. */
  ascii(bytes: Buffer, at: number, size: number): string | undefined {
    if (size > longest) return undefined;
    for (let i = at; i < at + size; i++) if (bytes[i]! > 0x7f) return undefined;
    return this.latin1(bytes, at, size);
  }
}

function isThere(text: string, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}
