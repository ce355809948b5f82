import type { Range } from "./ranges.ts";

const page = 65_536;
const block = 4096;
const zeros = Buffer.alloc(block);
/** More than a few differ because what they hold does, and then no other will be like them. */
const mostImages = 4;

/** What a memory holds from `start` up to `end`; the rest of it is zero. */
export class Image {
  readonly start: number;
  readonly end: number;
  /** What of it may be something else than zero. */
  readonly filled: readonly Range[];
  #bytes: Uint8Array;
  #memory: WebAssembly.Memory | undefined;

  constructor(content: Uint8Array, filled: readonly Range[]) {
    const first = filled[0]?.[0] ?? 0;
    this.start = first - (first % block);
    this.end = filled.at(-1)?.[1] ?? 0;
    this.filled = filled;
    const size = this.end - this.start;
    // What is large is there once only, and a memory of zeroes takes none.
    this.#bytes = size > page ? this.#inMemory(size) : new Uint8Array(size);
    for (const [from, to] of filled) copyFilled(content.subarray(from, to), this.#bytes.subarray(from - this.start));
  }

  /** From `start` on. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same for WebAssembly: made when it is first asked for, since to make a memory takes longer than to copy it. */
  get memory(): WebAssembly.Memory {
    if (this.#memory === undefined) {
      const bytes = this.#bytes;
      this.#bytes = this.#inMemory(bytes.length);
      this.#bytes.set(bytes);
    }
    return this.#memory!;
  }

  #inMemory(size: number): Uint8Array {
    const pages = Math.ceil(size / page);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    return new Uint8Array(this.#memory.buffer, 0, size);
  }
}

/** Images of one component on one thread. Places that start alike share one. */
export class Images {
  readonly #images: Image[] = [];

  /** @param known outside of these it is zero; without, all of it is looked at. */
  of(content: Uint8Array, known?: readonly Range[]): Image {
    const filled = known ?? filledOf(content);
    const found = this.#images.find((image) => isSame(image, content, filled));
    if (found !== undefined) return found;
    const image = new Image(content, filled);
    if (this.#images.length < mostImages) this.#images.push(image);
    return image;
  }
}

function isSame({ bytes: image, start, filled }: Image, content: Uint8Array, wanted: readonly Range[]): boolean {
  if (filled.length !== wanted.length) return false;
  return filled.every(([from, to], i) => {
    const [first, last] = wanted[i]!;
    if (first !== from || last !== to) return false;
    return Buffer.compare(image.subarray(from - start, to - start), content.subarray(from, to)) === 0;
  });
}

/** Blocks that are not zero. Reading a page of memory that nobody touched costs half a microsecond. */
function filledOf(content: Uint8Array): Range[] {
  const found: Range[] = [];
  for (let at = 0; at < content.length; at += block) {
    if (zeros.equals(content.subarray(at, at + block))) continue;
    if (found.at(-1)?.[1] === at) found.at(-1)![1] = at + block;
    else found.push([at, at + block]);
  }
  return found;
}

/** Without blocks of zeros, which then take no memory. */
function copyFilled(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += block) {
    const part = from.subarray(at, at + block);
    if (!zeros.subarray(0, part.length).equals(part)) to.set(part, at);
  }
}
