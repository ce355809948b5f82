import type { Instruction } from "../../binary/index.ts";
import { i32, misc, opcode } from "../../binary/index.ts";
import type { BodyVisitor, BodyWriter } from "../body.ts";
import { tableGrowth } from "../limits.ts";
import { isStretch } from "../pieces.ts";
import type { Trace } from "../scan.ts";
import { marks } from "./layout.ts";
import type { ResetPlaces } from "./places.ts";
import type { Mark } from "./plan.ts";
import { storedBytes, storedType } from "./stores.ts";

/** Writes the marks of one function, and what stands for the sizes of memories and tells of other changes. */
export class MarkVisitor implements BodyVisitor {
  readonly locals: readonly number[];
  readonly #places: ResetPlaces;
  readonly #plan: readonly Mark[];
  /** Types of values that are put aside, behind the address; behind them what may lie above. */
  readonly #valueTypes: readonly number[];
  readonly #short: Trace["short"];
  readonly #wraps: boolean;
  /** How many marks are written in their place; those behind them are calls. */
  readonly #inPlace: number;
  #next = 0;
  #stores = 0;
  #firstLocal = 0;

  /** @param called how many of the last marks are to be calls, which are shorter. */
  constructor(places: ResetPlaces, plan: readonly Mark[], { bulk, short, wraps }: Trace, called = 0) {
    this.#wraps = wraps;
    this.#inPlace = plan.length - called;
    this.#places = places;
    this.#plan = plan;
    this.#short = short;
    this.#valueTypes = [...new Set(plan.flatMap(({ by, type }) => (by === "operand" ? [type] : [])))];
    const second = plan.some(({ by, above }) => by === "operand" && above === 2) ? this.#valueTypes : [];
    this.locals = [...(bulk || this.#valueTypes.length > 0 ? [i32] : []), ...this.#valueTypes, ...second];
  }

  enter(_: BodyWriter, firstLocal: number): void {
    this.#firstLocal = firstLocal;
  }

  visit(found: Instruction, out: BodyWriter): void {
    const { op } = found;
    if (op >= opcode.i32Store && op <= opcode.i64Store32) this.#store(found, out);
    else if (op === opcode.simd) {
      if (storedBytes(found) > 0) this.#store(found, out);
    } else if (op === opcode.atomic) {
      if (storedBytes(found) > 0) this.#store(found, out);
    } else if (op === opcode.memorySize) this.#size(found, out);
    else if (op === opcode.memoryGrow) {
      out
        .upTo(found.start)
        .skipTo(found.end)
        .u8(opcode.call)
        .u32(this.#places.functions.grow + found.index);
    } else if (op === opcode.tableSet) this.#spoil(found, out);
    else if (op === opcode.misc && storedBytes(found, this.#short) > 0) this.#store(found, out);
    else if (op === opcode.misc) this.#misc(found, out);
  }

  #store(found: Instruction, out: BodyWriter): void {
    const mark = this.#plan[this.#next];
    if (mark?.before !== this.#stores++) return;
    this.#next++;
    const { index } = found;
    const write = (): void => this.#write(mark, index, out);
    // Behind a store the address is of no other use, so that the engine shifts it where it is. What traps has written nothing.
    if (mark.by === "operand") this.#putAside(found, mark, out, this.#wraps ? undefined : write);
    else if (!this.#wraps) this.#write(mark, index, out.upTo(found.start));
    out.upTo(found.end);
    if (this.#wraps) write();
  }

  #write(mark: Mark, index: number, out: BodyWriter): void {
    const memory = this.#places.marks + index;
    if (mark.by === "page") {
      for (let page = mark.add; page <= mark.add + mark.more; page++) {
        out.u8(opcode.i32Const).s32(0).u8(opcode.i32Const).s32(1);
        writeMark(out, memory, marks.at + page);
      }
      return;
    }
    if (mark.by === "operand") out.u8(opcode.localGet).u32(this.#firstLocal);
    else out.u8(mark.by === "global" ? opcode.globalGet : opcode.localGet).u32(mark.local);
    if (mark.by === "wide local") out.u8(opcode.i32WrapI64);
    add(out, mark.add);
    if (this.#next > this.#inPlace) out.u8(opcode.call).u32(this.#places.functions.mark + index);
    else markAddress(out, memory, this.#wraps);
  }

  /** Keeps the address that a store takes. @param then with the address alone on the stack, before the value comes back to it. */
  #putAside(found: Instruction, { above }: Mark, out: BodyWriter, then?: () => void): void {
    const value = this.#firstLocal + 1 + this.#valueTypes.indexOf(storedType(found));
    const second = value + this.#valueTypes.length;
    out.upTo(found.start);
    if (above === 2) out.u8(opcode.localSet).u32(second);
    out.u8(opcode.localSet).u32(value).u8(opcode.localTee).u32(this.#firstLocal);
    then?.();
    out.u8(opcode.localGet).u32(value);
    if (above === 2) out.u8(opcode.localGet).u32(second);
  }

  #size({ start, end, index }: Instruction, out: BodyWriter): void {
    out.upTo(start).skipTo(end).u8(opcode.i32Const).s32(0);
    loadSize(out, this.#places.marks + index);
  }

  #misc(found: Instruction, out: BodyWriter): void {
    const { sub } = found;
    if (sub < misc.memoryInit || sub === misc.tableSize || isStretch(sub)) return;
    if (sub === misc.tableGrow && this.#places.wideTables.has(found.index)) this.#spoil(found, out, tableGrowth | 1);
    else if (sub === misc.tableGrow) this.#growTable(found, out);
    else this.#spoil(found, out);
  }

  /** By how many entries is added up (for a 64-bit table, the most it could be): a large table that is thrown away costs the collector as much as a memory does. */
  #growTable({ start }: Instruction, out: BodyWriter): void {
    const { spoiled } = this.#places.globals;
    out.upTo(start).u8(opcode.localTee).u32(this.#firstLocal);
    out.u8(opcode.globalGet).u32(spoiled).u8(opcode.localGet).u32(this.#firstLocal).u8(opcode.i32Add);
    out.u8(opcode.i32Const).s32(1).u8(opcode.i32Or).u8(opcode.globalSet).u32(spoiled);
  }

  #spoil({ start }: Instruction, out: BodyWriter, entries = 1): void {
    out.upTo(start).u8(opcode.i32Const).s32(entries).u8(opcode.globalSet).u32(this.#places.globals.spoiled);
  }
}

function add(out: BodyWriter, value: number): void {
  if (value === 0) return;
  out
    .u8(opcode.i32Const)
    .s32(value | 0)
    .u8(opcode.i32Add);
}

/**
 * Marks the page of the address on the stack. Where addresses were 64 bits before, `wraps`, the engine has one for the
 * access already that is made 64 bits again, and shifting that takes no register more.
 */
function markAddress(out: BodyWriter, memory: number, wraps: boolean): void {
  if (wraps)
    out.u8(opcode.i64ExtendI32U).u8(opcode.i64Const).s32(marks.pageShift).u8(opcode.i64ShrU).u8(opcode.i32WrapI64);
  else out.u8(opcode.i32Const).s32(marks.pageShift).u8(opcode.i32ShrU);
  out.u8(opcode.i32Const).s32(1);
  writeMark(out, memory, marks.at);
}

function writeMark(out: BodyWriter, memory: number, offset: number): void {
  out.u8(opcode.i32Store8).u8(0x40).u32(memory).u32(offset);
}

function loadSize(out: BodyWriter, memory: number): void {
  out.u8(opcode.i32Load).u8(0x42).u32(memory).u32(marks.sizeAt);
}
