import { marks as layout, pagesOfMarks } from "../rewrite/marks/layout.ts";
import type { Restore } from "./restorer.ts";
import { restorer } from "./restorer.ts";

const page = 64 * 1024;

/** One memory of a place: its marks, and the image that it is restored from. */
export class MarkedMemory {
  /** One byte for each page of marks; a host that writes into the guest's memory sets them, see `markWritten`. */
  readonly marks: Uint8Array;
  /** The memory of marks, for the guest's modules. */
  readonly beside: WebAssembly.Memory;
  readonly #memory: WebAssembly.Memory;
  readonly #size: Uint32Array;
  #restore: Restore | undefined;
  #imageBytes = 0;

  /** @param most pages that it may grow to: for the engine's collector all marks count, used or not. */
  constructor(memory: WebAssembly.Memory, most: number = layout.mostPages) {
    this.#memory = memory;
    const pages = pagesOfMarks(most);
    this.beside = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.marks = new Uint8Array(this.beside.buffer, layout.at);
    this.#size = new Uint32Array(this.beside.buffer, layout.sizeAt, 1);
  }

  /** Pages that the memory has for the guest; the memory itself may have more, all zero. */
  get pages(): number {
    return this.#size[0]!;
  }

  /** The same when it was kept. */
  get keptPages(): number {
    return this.#imageBytes / page;
  }

  /** For a new instance: nothing marked, and this size. */
  start(pages: number): void {
    this.#clear();
    this.#size[0] = pages;
  }

  /** What the memory holds now is what `restore` goes back to. @param images of the same component, to share. */
  keep(images: Images): void {
    this.#imageBytes = this.pages * page;
    const image = images.of(new Uint8Array(this.#memory.buffer, 0, this.#imageBytes));
    this.#restore = restorer({ guest: this.#memory, marks: this.beside, image });
    this.#clear();
  }

  /** Only as far as the memory goes: the rest of the marks takes no memory as long as nothing touches it. */
  #clear(): void {
    this.marks.fill(0, 0, this.#memory.buffer.byteLength >>> layout.pageShift);
  }

  /**
   * What the guest grew stays, but for the guest. Answers the page of marks to go on from another time, or -1 where all
   * is done. @param most pages of marks to restore, about.
   */
  restore(from: number, most: number): number {
    return this.#restore!(this.#imageBytes, from, most);
  }
}

/** Images of one component on one thread. Places that start alike share one. */
export class Images {
  readonly #images: WebAssembly.Memory[] = [];

  of(content: Uint8Array): WebAssembly.Memory {
    const same = this.#images.find(({ buffer }) => Buffer.compare(new Uint8Array(buffer), content) === 0);
    if (same !== undefined) return same;
    const pages = content.length / page;
    const image = new WebAssembly.Memory({ initial: pages, maximum: pages });
    copyFilled(content, new Uint8Array(image.buffer));
    // More than a few differ because what they hold does, and then no other will be like them.
    if (this.#images.length < mostImages) this.#images.push(image);
    return image;
  }
}

const mostImages = 4;
const block = 4096;
const zeros = Buffer.alloc(block);

/** Without blocks of zeros, which then take no memory. */
function copyFilled(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += block) {
    const part = from.subarray(at, at + block);
    if (!zeros.equals(part)) to.set(part, at);
  }
}

/** To be called for each span of a guest's memory that the host wrote; `marks` as `Lowering` has it. Bytes. */
export function markWritten(marks: Uint8Array | undefined, pointer: number, size: number): void {
  if (marks === undefined || size === 0) return;
  const first = pointer >>> layout.pageShift;
  const last = (pointer + size - 1) >>> layout.pageShift;
  if (first === last) marks[first] = 1;
  else marks.fill(1, first, last + 1);
}
