import { opcode, Writer } from "../binary/index.ts";

/** V8 takes a body below so many bytes for a short one (`kSmallFunctionThreshold` of its decoder of modules). */
const short = 50;
/** V8 takes a million functions; a module that has so many gets none from us. */
const most = 250_000;
/** The body of a function `() -> ()` that does nothing. */
const nothing = Uint8Array.of(0, opcode.end);

/**
 * Room for what V8 makes part of a function that calls others. It allows the more of that, the more functions of a module are short:
 * up to five times a function's own size and 6,000 bytes where half of them are, up to twice and a tenth of the bytes where a quarter
 * is (`InliningTree::BudgetScaleFactor` in its `src/wasm/inlining-tree.h`). Counts and marks make functions longer, so fewer are
 * short, what calls them is longer itself, and what is called takes more of what is left: an access to an array that was part of
 * a loop is a call in each round. Therefore as many functions that do nothing, and that nobody calls, stand at the end of the
 * module as make the short ones a half: four bytes each.
 */
export class Room {
  #all = 0;
  #short = 0;

  /** A body of so many bytes is written. */
  see(length: number): void {
    this.#all++;
    if (length < short) this.#short++;
  }

  /** How many to add behind all that were seen, so that half of all are short. */
  get wanted(): number {
    if (this.#all > most) return 0;
    return Math.max(0, this.#all - 2 * this.#short);
  }

  /** Their bodies, with their sizes. */
  bodies(): Uint8Array {
    const out = new Writer(3 * this.wanted);
    for (let n = this.wanted; n > 0; n--) out.u32(nothing.length).raw(nothing);
    return out.view();
  }

  /** Their types. @param procedure index of `() -> ()` */
  types(procedure: number): Uint8Array {
    const out = new Writer(2 * this.wanted);
    for (let n = this.wanted; n > 0; n--) out.u32(procedure);
    return out.view();
  }
}
