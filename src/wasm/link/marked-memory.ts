import { marks as layout, pagesOfMarks } from "../rewrite/marks/layout.ts";
import type { Image, Images } from "./image.ts";
import { joined, type Range } from "./ranges.ts";
import type { Restore } from "./restorer.ts";
import { restorer } from "./restorer.ts";

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
    this.#filled &&= joined([...this.#filled, ...this.#marked()], content.length);
    this.#image = images.of(content, this.#filled);
    this.#restore = restorer({ guest: this.#memory, marks: this.beside, image: this.#image.memory });
    this.#clear();
  }

  /** What was written since the marks were cleared lies there. */
  #marked(): Range[] {
    const found: Range[] = [];
    const marks = Buffer.from(this.marks.buffer, this.marks.byteOffset, this.#keptPages << (16 - layout.pageShift));
    for (let at = marks.indexOf(1); at >= 0; at = marks.indexOf(1, at + 1)) {
      const start = at << layout.pageShift;
      found.push([start - layout.slack, start + (1 << layout.pageShift) + layout.slack]);
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
    const { start, end } = this.#image!;
    return this.#restore!(this.#keptPages, start, end, from, most);
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
