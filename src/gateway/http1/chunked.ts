import { Malformed } from "./malformed.ts";

const maximumSizeLine = 256;
const maximumTrailers = 16 * 1024;
/** Of one body together: nobody uses them, and without a bound a body of nothing else never ends. */
const maximumExtensions = 16 * 1024;

/**
 * Decodes chunked framing (RFC 9112, section 7.1) piece by piece. Strict: sizes in plain hexadecimal,
 * CRLF exactly; chunk extensions are dropped; the line of a size and the trailers are bounded.
 */
export class ChunkedDecoder {
  /** The trailer section without its last empty line, once `done`. */
  trailers = "";
  done = false;
  #state: "size" | "data" | "data-end" | "trailers" = "size";
  #line = "";
  #left = 0;
  /** Bytes of chunk extensions so far. */
  #extensions = 0;

  /**
   * Takes bytes, hands what they hold of the body to `onData` as one view of the input, in which it is moved together:
   * chunks of one byte must not become objects, writes and chunks of one byte.
   * @returns how many bytes were taken; fewer than given only when `done`.
   */
  decode(input: Buffer, onData: (piece: Buffer) => void): number {
    let at = 0;
    let begin = 0;
    let end = 0;
    while (at < input.length && !this.done) {
      if (this.#state !== "data") {
        at = this.#readLine(input, at);
        continue;
      }
      const size = Math.min(input.length - at, this.#left);
      if (begin === end) begin = end = at;
      else input.copyWithin(end, at, at + size);
      end += size;
      at += size;
      this.#left -= size;
      if (this.#left === 0) this.#state = "data-end";
    }
    if (end > begin) onData(input.subarray(begin, end));
    return at;
  }

  /** Collects up to CRLF, however the bytes arrive, then acts on the line. */
  #readLine(input: Buffer, at: number): number {
    const feed = input.indexOf(0x0a, at);
    const end = feed === -1 ? input.length : feed + 1;
    this.#line += input.toString("latin1", at, end);
    const limit = this.#state === "trailers" ? maximumTrailers : maximumSizeLine;
    if (this.#line.length + this.trailers.length > limit)
      throw new Malformed("a chunk's size line or the trailers are too long");
    if (feed === -1) return end;
    if (!this.#line.endsWith("\r\n")) throw new Malformed("a chunk's line ends without CRLF");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    if (this.#state === "size") this.#startChunk(line);
    else if (this.#state === "data-end") {
      if (line !== "") throw new Malformed("a chunk is longer than its size says");
      this.#state = "size";
    } else if (line === "") this.done = true;
    else this.trailers += this.trailers === "" ? line : `\r\n${line}`;
    return end;
  }

  #startChunk(line: string): void {
    const size = /^([0-9A-Fa-f]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line)?.[1];
    if (size === undefined) throw new Malformed("a chunk's size is not hexadecimal");
    this.#extensions += line.length - size.length;
    if (this.#extensions > maximumExtensions) throw new Malformed("a body has too many chunk extensions");
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? "trailers" : "data";
  }
}
