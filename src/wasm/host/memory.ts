import { isUtf8 } from "node:buffer";
import { markWritten } from "../link/marked-memory.ts";
import type { marks as layout } from "../rewrite/marks/layout.ts";
import type { Lowering } from "./contract.ts";
import { hostLimits } from "./limits.ts";
import { Texts } from "./texts.ts";
import { calledOut, type Paced } from "./trap.ts";

/** Texts up to this size are written unit by unit, which is quicker than the call that would do it at once. */
const shortText = 40;
/** What asking the guest for memory takes, in bytes that could be moved meanwhile. */
const callBytes = 256;
const noBytes = Buffer.alloc(0);
const noView = new DataView(new ArrayBuffer(0));

/**
 * A guest's memory as one set of canonical options sees it. Every pointer and length is checked: a bad one ends
 * the guest, and nothing outside of its memory is ever read or written.
 *
 * Views go stale when the guest's memory grows, which `allocate` can cause: take `bytes` and `view` afresh after it.
 */
export class GuestMemory {
  readonly #guest: Paced;
  #lowering: Lowering | undefined;
  #marks: Uint8Array | undefined;
  #memory: WebAssembly.Memory | undefined;
  /** There once a text was read: a component has several of these memories, and most of them read none. */
  #texts: Texts | undefined;
  #bytes = noBytes;
  #view = noView;
  /** Bytes that it has at least: it may have grown since. */
  #size = 0;

  constructor(guest: Paced, lowering?: Lowering) {
    this.#guest = guest;
    if (lowering !== undefined) this.attach(lowering);
  }

  /** The options of a new instance in the same place. */
  attach(lowering: Lowering): void {
    this.#lowering = lowering;
    this.#marks = lowering.marks;
    if (lowering.memory === this.#memory && this.#memory !== undefined) return;
    this.#memory = lowering.memory;
    this.#bytes = noBytes;
    this.#size = 0;
  }

  // The views of a buffer that was replaced by growing have nothing in them. To ask for a byte takes V8 less than to ask for a length.
  get bytes(): Buffer {
    if (this.#bytes[0] === undefined) this.#refresh();
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes[0] === undefined) this.#refresh();
    return this.#view;
  }

  #refresh(): void {
    this.#memory ??= this.#lowering?.memory;
    if (this.#memory === undefined) throw this.#guest.fail("component-trapped", "a host function needs a memory");
    const { buffer } = this.#memory;
    this.#bytes = Buffer.from(buffer);
    this.#size = this.#bytes.length;
    this.#view = new DataView(buffer);
  }

  /** The place that the host writes a value to, checked; and marked as written, where resets go by marks. */
  at(pointer: number, size: number, align: 1 | 2 | 4 | 8 = 1): number {
    const at = pointer >>> 0;
    if (at + size > this.#size || (at & (align - 1)) !== 0 || this.#guest.nested > 0) this.#check(at, size, align);
    const marks = this.#marks;
    if (marks === undefined) return at;
    // As a literal V8 works with it, and looks up what is imported.
    const shift: (typeof layout)["pageShift"] = 10;
    const page = at >>> shift;
    if (at + size <= (page + 1) << shift) marks[page] = 1;
    else markWritten(marks, at, size);
    return at;
  }

  /** The place that the host reads a value from, checked. */
  from(pointer: number, size: number, align: 1 | 2 | 4 | 8 = 1): number {
    const at = pointer >>> 0;
    if (at + size > this.#size || (at & (align - 1)) !== 0 || this.#guest.nested > 0) this.#check(at, size, align);
    return at;
  }

  /** The same with all that seldom is. */
  #check(at: number, size: number, align: number): void {
    if (this.#guest.nested > 0) throw calledOut(this.#guest);
    if (at + size > this.bytes.length) throw this.#outside(at, size);
    if ((at & (align - 1)) !== 0) {
      throw this.#guest.fail("component-trapped", `pointer ${at} is not aligned to ${align} bytes`);
    }
  }

  /** Bytes in the guest's memory: valid until the guest runs again. */
  slice(pointer: number, size: number): Buffer {
    if (this.#guest.nested > 0) throw calledOut(this.#guest);
    const at = pointer >>> 0;
    const end = at + (size >>> 0);
    const { bytes } = this;
    if (end > bytes.length) throw this.#outside(at, size >>> 0);
    this.#guest.worked(end - at);
    return bytes.subarray(at, end) as Buffer;
  }

  /** A copy of few bytes, which is quicker than anything of Node's that has to be called. */
  copy(pointer: number, size: number): Uint8Array {
    const at = this.from(pointer, size);
    this.#guest.worked(size);
    const { bytes } = this;
    const piece = new Uint8Array(size);
    for (let i = 0; i < size; i++) piece[i] = bytes[at + i]!;
    return piece;
  }

  /** Bytes as text with one unit a byte. */
  latin1(pointer: number, size: number): string {
    const at = this.#text(pointer, size);
    return (this.#texts ??= new Texts()).latin1(this.view, this.#bytes, at, size >>> 0);
  }

  /** A string; what is not UTF-8 is a trap, as the canonical ABI says. */
  text(pointer: number, size: number): string {
    const at = this.#text(pointer, size);
    const ascii = (this.#texts ??= new Texts()).ascii(this.view, this.#bytes, at, size >>> 0);
    if (ascii !== undefined) return ascii;
    const end = at + (size >>> 0);
    if (!isUtf8(this.bytes.subarray(at, end))) throw this.notText();
    return this.bytes.toString("utf8", at, end);
  }

  #text(pointer: number, size: number): number {
    const length = size >>> 0;
    if (length > hostLimits.textBytes) {
      const message = `a string of ${length} bytes, at most ${hostLimits.textBytes} are allowed`;
      throw this.#guest.fail("component-resources", message);
    }
    this.#guest.worked(length);
    return this.from(pointer, length);
  }

  notText(): Error {
    return this.#guest.fail("component-trapped", "a string is not UTF-8");
  }

  /** Memory that the guest provides for a result. */
  allocate(size: number, align: 1 | 2 | 4 | 8): number {
    const realloc = this.#lowering?.realloc;
    if (realloc === undefined) throw this.#guest.fail("component-trapped", "a host function needs cabi_realloc");
    const guest = this.#guest;
    if (guest.nested > 0) throw calledOut(guest);
    let pointer: number;
    guest.nested++;
    try {
      pointer = realloc(0, 0, align, size);
      guest.worked(size + callBytes);
    } finally {
      guest.nested--;
      guest.surfaced();
    }
    return this.at(pointer, size, align);
  }

  /**
   * A list of bytes (or a string of ASCII or latin1 units) in new memory; its pointer and length at `at`. The guest is
   * asked for memory for an empty one too: adapters of WASI 0.1 insist on it.
   */
  putBytes(at: number, content: Uint8Array | string): void {
    const { length } = content;
    const pointer = this.allocate(length, 1);
    if (typeof content !== "string") {
      if (length > 0) this.bytes.set(content, pointer);
    } else if (length > shortText) this.bytes.write(content, pointer, length, "latin1");
    else {
      const { bytes } = this;
      for (let i = 0; i < length; i++) bytes[pointer + i] = content.charCodeAt(i);
    }
    const { view } = this;
    view.setUint32(at, pointer, true);
    view.setUint32(at + 4, length, true);
  }

  /** A string in new memory; its pointer and length at `at`. */
  putText(at: number, text: string): void {
    if (isAscii(text)) this.putBytes(at, text);
    else this.putBytes(at, Buffer.from(text, "utf8"));
  }

  #outside(at: number, size: number): Error {
    const message = `${size} bytes at ${at} lie outside of the memory of ${this.bytes.length} bytes`;
    return this.#guest.fail("component-trapped", message);
  }
}

/** The same in both encodings. */
function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  if (text.length > shortText) return /^[\x00-\x7f]*$/.test(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
