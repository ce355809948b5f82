/** Grows as it is written; the primitive values of the WebAssembly binary format. */
export class Writer {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** What a core module begins with. */
  static module(): Writer {
    return new Writer().raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  }

  #room(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  u8(value: number): this {
    this.#room(1);
    this.#bytes[this.length++] = value;
    return this;
  }

  u32(value: number): this {
    this.#room(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
    return this;
  }

  /** Of 64 bits, for limits: whole and at least 0. */
  u64(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.u8((rest % 128) | 0x80);
    return this.u8(rest);
  }

  s32(value: number): this {
    this.#room(5);
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.#bytes[this.length++] = last ? low : low | 0x80;
      if (last) return this;
    }
  }

  /** Of 64 bits, whole. */
  s64(value: number | bigint): this {
    let rest = BigInt(value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const last = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
      this.u8(last ? low : low | 0x80);
      if (last) return this;
    }
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  section(id: number, content: Writer): this {
    return this.u8(id).u32(content.length).raw(content.view());
  }

  /** The span of `source` from `start` to `end`. */
  copy(source: Uint8Array, start: number, end: number): this {
    if (end - start > 24) return this.raw(source.subarray(start, end));
    this.#room(end - start);
    for (let i = start; i < end; i++) this.#bytes[this.length++] = source[i]!;
    return this;
  }

  name(text: string): this {
    const bytes = encoder.encode(text);
    return this.u32(bytes.length).raw(bytes);
  }

  /** What was written, as a view that the next write may move away from. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Starts again without giving its memory back. */
  clear(): this {
    this.length = 0;
    return this;
  }
}

const encoder = new TextEncoder();
