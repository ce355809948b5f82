import { marks as layout, pagesOfMarks } from "../rewrite/marks/layout.ts";
import type { Image, Images } from "./image.ts";
import { joined, type Range } from "./ranges.ts";
import type { Restore } from "./restorer.ts";
import { restorer } from "./restorer.ts";

/** Bytes of a memory for each mark. */
const pageSize = 1 << layout.pageShift;

/**
 * Resets of what little is marked that are done here, before an instance of WebAssembly is made for them: that and a memory for the image take longer than
 * all of these, and stood between a component's file and its first answer.
 */
const [fewResets, fewRanges] = [3, 16];

/** One memory of a place: its marks, and the image that it is restored from. */
export class MarkedMemory {
  /** One byte for each page of marks; a host that writes into the guest's memory sets them, see `markWritten`. */
  readonly marks: Uint8Array;
  /** The memory of marks, for the guest's modules. */
  readonly beside: WebAssembly.Memory;
  readonly #memory: WebAssembly.Memory;
  readonly #size: Uint32Array;
  readonly #data: readonly Range[] | undefined;
  /** Outside of them it is zero; undefined: anything may be anywhere. */
  #filled: readonly Range[] | undefined;
  /** No instance was there yet: nothing can be marked, and to touch marks first costs a page of memory. */
  #isNew = true;
  #image: Image | undefined;
  #restore: Restore | undefined;
  /** Resets since it was kept that needed nothing made for them. */
  #resets = 0;
  #keptPages = 0;

  /**
   * @param data where its modules write when they are instantiated, if that is known.
   * @param most pages that it may grow to: for the engine's collector all marks count, used or not.
   */
  constructor(memory: WebAssembly.Memory, data?: readonly Range[], most?: number) {
    this.#memory = memory;
    this.#data = data;
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
    return this.#keptPages;
  }

  /** For a new instance: nothing marked, and this size. */
  start(pages: number): void {
    if (this.#isNew) this.#isNew = false;
    else this.#clear();
    this.#size[0] = pages;
    this.#filled = this.#data;
  }

  /** What the memory holds now is what `restore` goes back to. @param images of the same component, to share. */
  keep(images: Images): void {
    this.#keptPages = this.pages;
    const content = new Uint8Array(this.#memory.buffer, 0, this.#keptPages * 65_536);
    this.#filled &&= joined([...this.#filled, ...this.#marked(content.length)], content.length);
    this.#image = images.of(content, this.#filled);
    this.#restore = undefined;
    this.#resets = 0;
    this.#clear();
  }

  /** What was written since the marks were cleared lies there. @param size bytes of the memory. @param most of them, pages of marks. */
  #marked(size: number, most = Infinity): Range[] {
    const found: Range[] = [];
    const marks = Buffer.from(this.marks.buffer, this.marks.byteOffset, Math.ceil(size / pageSize));
    for (let at = marks.indexOf(1); at >= 0 && found.length <= most; at = marks.indexOf(1, at + 1)) {
      const start = at * pageSize;
      found.push([start - layout.slack, start + pageSize + layout.slack]);
    }
    return found;
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
    if (this.#restore === undefined && from === 0 && this.#resets++ < fewResets && this.#restoreHere()) return -1;
    const image = this.#image!;
    this.#restore ??= restorer({ guest: this.#memory, marks: this.beside, image: image.memory });
    return this.#restore(this.#keptPages, image.start, image.end, from, most);
  }

  /** The same as `Restore` does. False, and nothing was done: too much is marked for that. */
  #restoreHere(): boolean {
    const memory = new Uint8Array(this.#memory.buffer);
    const marked = this.#marked(memory.length, fewRanges);
    if (marked.length > fewRanges) return false;
    const { start, end, bytes } = this.#image!;
    for (const [from, to] of marked) {
      const first = Math.max(from, 0);
      memory.fill(0, first, to);
      if (first < end && to > start) {
        const begin = Math.max(first, start);
        memory.set(bytes.subarray(begin - start, Math.min(to, end) - start), begin);
      }
      this.marks[(from + layout.slack) / pageSize] = 0;
    }
    this.#size[0] = this.#keptPages;
    return true;
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
