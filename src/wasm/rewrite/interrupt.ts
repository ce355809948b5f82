import type { CoreModule, Instruction } from "../binary/index.ts";
import { empty, f64, i32, i64, misc, opcode, Reader } from "../binary/index.ts";
import type { Places } from "./asking.ts";
import { lent, number } from "./asking.ts";
import type { BodyVisitor, BodyWriter } from "./body.ts";
import { localUnits } from "./cost.ts";
import { isArrayBulk } from "./heap.ts";
import { isStretch, type Pieces } from "./pieces.ts";
import type { Trace } from "./scan.ts";
import type { Copies } from "./short-loops.ts";

const [f64Lt, f64Mul] = [0x63, 0xa2];

/** Operations whose time depends on the count on top of the stack. */
const bulk = new Set<number>([misc.tableInit, misc.tableCopy, misc.tableGrow, misc.tableFill]);

const throwing = new Set<number>([opcode.throw, opcode.throwRef, opcode.rethrow]);

/** Entries of tables, and values in arrays, that count as much as one round of a loop: 2^2, 2^4. */
const bulkShift = { table: 2, array: 4 };

/** What growing a memory counts, whatever its size: the engine makes a new buffer for it. */
const growUnits = 800;

/** What an exception counts that may be caught: the engine looks for who catches it in its runtime, for a microsecond and more. */
const throwUnits = 8;
/** Values of an exception that count one more: each is put into an object, and taken out of it. */
const valuesOfUnit = 4;

/** What one function counts. */
export interface Counts {
  /** At its entry; 0: nothing. */
  entry: number;
  /** At its loops, in the order of their headers. */
  loops: readonly number[];
  /** Which of them count each round where all see it; see `Weights.outward`. */
  outward: readonly boolean[];
  /** How often bodies of loops are written, in the order of their headers. */
  copies: readonly Copies[];
  /** The type of the block around its body, where it settles what it counted when it returns; see `Weights.settles`. */
  result: number | undefined;
  /** Its loops want all registers for integers there are, so it counts in one for numbers. */
  far: boolean;
  /** What it throws may be caught. */
  throws: boolean;
  /** It begins with as many units as others have later; see `Weights.last`. */
  last: boolean;
  /** It is to stay short: what it counts at its entry is a call. */
  brief: boolean;
}

/**
 * Counts at the entry and at loop headers, by the weights given, and before bulk operations, by their size.
 *
 * A tight loop gets another around it, which holds the call of the check: with a call in it, the engine would neither
 * unroll the loop nor keep in registers what a call could change. So labels in it that lead out of it count more:
 *
 *     block (loop                  ;; rounds enough: they go into the count that all share, and that may ask
 *       (block (loop               ;; rounds += weight; br_if 1 where they are enough
 *         …)
 *         br 2) … br 0))
 *
 * So does one that calls, since what it calls often the engine makes part of it. Where a tight one is short, its body stands
 * in it several times, so that one check does for as many rounds:
 *
 *     … (loop … (block … br 4) (block … br 4) …) …
 *
 * One that settles has a block around its body, behind which stands what it counted:
 *
 *     (block …) count -= rounds
 */
export class InterruptVisitor implements BodyVisitor {
  readonly locals: readonly number[];
  /** It has something to write. */
  readonly writes: boolean;
  readonly #module: CoreModule;
  readonly #places: Places;
  readonly #counts: Counts;
  readonly #units: number;
  readonly #flat: readonly boolean[];
  readonly #copiesOf: readonly Copies[];
  readonly #pieces: Pieces;
  /** These stay as they are. */
  readonly #short: Trace["short"];
  readonly #far: boolean;
  /** What loops count in a local for numbers: each in one of its own, which is never changed. */
  readonly #steps: readonly number[];
  /** Types of the locals for sizes of operations. */
  readonly #sizes: readonly number[];
  #loop = 0;
  /** Of the tight loop that we are in: where its body begins, what it leaves, what a round counts, and the copies of it that are written. */
  #from = 0;
  #type = empty;
  #weight = 0;
  #copies: Copies = { before: 0, within: 1 };
  #copy = 0;
  #again: number | undefined;
  #firstLocal = 0;
  /** Blocks open around us, and within the tight loop that we are in; -1: in none. */
  #depth = 0;
  #inside = -1;

  constructor(module: CoreModule, at: Places, trace: Trace, pieces: Pieces, counts: Counts) {
    this.#pieces = pieces;
    this.#module = module;
    this.#places = at;
    this.#counts = counts;
    this.#units = counts.result === undefined ? localUnits.lost : localUnits.settled;
    this.#flat = trace.flat;
    this.#copiesOf = counts.copies;
    this.#short = trace.short;
    this.#far = counts.far && counts.result !== undefined;
    this.#steps = this.#far ? [...new Set(counts.loops.map((weight, n) => stepOf(weight * this.#roundsOf(n))))] : [];
    const atEntry = counts.entry > 0 && !counts.brief;
    const first = counts.loops.length > 0 || atEntry || trace.bulk ? [i32] : [];
    const rounds = counts.loops.length > 0 || trace.bulk ? [this.#far ? f64 : i32] : [];
    this.#sizes = trace.bulk ? [i32, ...(isWide(module) ? [i64] : [])] : [];
    this.locals = [...first, ...rounds, ...this.#sizes, ...this.#steps.map(() => f64)];
    this.writes =
      this.locals.length > 0 || counts.entry > 0 || trace.grows || counts.throws || trace.stretches.length > 0;
  }

  enter(out: BodyWriter, firstLocal: number): void {
    this.#firstLocal = firstLocal;
    const { entry, result } = this.#counts;
    if (result === undefined) {
      if (entry > 0 && this.#counts.brief) this.#take(entry, out);
      else if (entry > 0) this.#count(out, entry);
      return;
    }
    // One of many that may be active pays ahead for what it counts where nobody sees it, and has it back when it returns.
    const ahead = entry > 0 && !this.#counts.last;
    if (ahead && this.#counts.brief) this.#take(entry + lent.ahead, out);
    else if (ahead) this.#count(out, entry + lent.ahead);
    const counted = ahead ? -lent.ahead : entry;
    const first = 2 * counted + (this.#counts.last ? lent.twice.again : 0);
    if (this.#far) this.#begin(out, counted);
    else if (first !== 0) out.u8(opcode.i32Const).s32(first).u8(opcode.localSet).u32(this.#rounds);
    out.u8(opcode.block).u8(result);
  }

  visit(found: Instruction, out: BodyWriter): void {
    if (this.#counts.result !== undefined) this.#visitEnds(found, out);
    if (this.#counts.throws && throwing.has(found.op)) this.#take(this.#thrown(found), out.upTo(found.start));
    if (this.#inside >= 0) this.#visitTight(found, out);
    else if (found.op === opcode.loop) this.#visitLoop(found, out);
    else if (found.op === opcode.memoryGrow) this.#take(growUnits, out.upTo(found.start));
    else if (found.op === opcode.misc && isStretch(found.sub)) this.#stretch(found, out);
    else if (found.op === opcode.misc && bulk.has(found.sub)) this.#countBulk(found, out.upTo(found.start));
    else if (found.op === opcode.gc && isArrayBulk(found.sub)) this.#countBulk(found, out.upTo(found.start));
  }

  /** Every way out of the function leads through its end, but for calls in its place. */
  #visitEnds({ op, start, end }: Instruction, out: BodyWriter): void {
    switch (op) {
      case opcode.block:
      case opcode.loop:
      case opcode.if:
        this.#depth++;
        break;
      case opcode.return:
        out
          .upTo(start)
          .skipTo(end)
          .u8(opcode.br)
          .u32(this.#inside < 0 ? this.#depth : this.#label(this.#depth));
        break;
      case opcode.returnCall:
      case opcode.returnCallIndirect:
      case opcode.returnCallRef:
        this.#settle(out.upTo(start));
        break;
      case opcode.end:
        if (--this.#depth < 0) this.#settle(out.upTo(start).u8(opcode.end));
    }
  }

  #begin(out: BodyWriter, entry: number): void {
    number(out, (this.#counts.last ? lent.far.again : lent.far.first) - entry)
      .u8(opcode.localSet)
      .u32(this.#rounds);
    for (const [n, step] of this.#steps.entries()) {
      out.u8(opcode.globalGet).u32(this.#places.globals.step);
      if (step !== 1) number(out, step).u8(f64Mul);
      out.u8(opcode.localSet).u32(this.#firstStep + n);
    }
  }

  #settle(out: BodyWriter): void {
    out.u8(opcode.localGet).u32(this.#rounds).u8(opcode.call).u32(this.#turn).u8(opcode.drop);
  }

  #visitLoop({ start, end }: Instruction, out: BodyWriter): void {
    const weight = this.#counts.loops[this.#loop]!;
    const isOutward = this.#counts.outward[this.#loop]!;
    const flat = this.#flat[this.#loop]! && weight < this.#units;
    const copies = this.#copiesOf[this.#loop]!;
    this.#loop++;
    if (weight >= this.#units || isOutward) this.#count(out.upTo(end), weight);
    else if (flat) {
      // The block type is one byte.
      this.#type = this.#module.bytes[start + 1]!;
      this.#weight = weight;
      this.#from = end;
      this.#copies = copies;
      this.#copy = 0;
      out.upTo(start).skipTo(end).u8(opcode.block).u8(this.#type);
      this.#beginCopy(out);
    } else {
      this.#add(out.upTo(end), weight);
      out.hint(0).u8(opcode.if).u8(empty);
      this.#flush(out);
      out.u8(opcode.end);
    }
  }

  #visitTight(found: Instruction, out: BodyWriter): void {
    switch (found.op) {
      case opcode.block:
      case opcode.if:
        this.#inside++;
        break;
      case opcode.end:
        if (--this.#inside < 0) this.#endTight(found, out);
        break;
      case opcode.br:
      case opcode.brIf:
        out.upTo(found.start).skipTo(found.end).u8(found.op).u32(this.#label(found.index));
        break;
      case opcode.brTable: {
        const reader = new Reader(this.#module.bytes, found.start + 1, found.end);
        const count = reader.u32();
        out.upTo(found.start).skipTo(found.end).u8(found.op).u32(count);
        for (let n = count; n >= 0; n--) out.u32(this.#label(reader.u32()));
      }
    }
  }

  /** For how many rounds of a loop it counts at once. */
  #roundsOf(loop: number): number {
    return this.#flat[loop]! ? this.#copiesOf[loop]!.within : 1;
  }

  #beginCopy(out: BodyWriter): void {
    const { before, within } = this.#copies;
    if (this.#copy === before) {
      out.u8(opcode.loop).u8(this.#type).u8(opcode.block).u8(empty).u8(opcode.loop).u8(this.#type);
      this.#add(out, this.#weight * within);
      out.hint(0).u8(opcode.brIf).u32(1);
    }
    if (++this.#copy < before + within) out.u8(opcode.block).u8(empty);
    this.#inside = 0;
  }

  /** The loop is over, or its body comes once more: what led to its head leads there. */
  #endTight({ start, end }: Instruction, out: BodyWriter): void {
    const { before, within } = this.#copies;
    if (this.#copy < before + within) {
      // Who falls through the end of the loop leaves the outermost block.
      out.upTo(start).skipTo(end).u8(opcode.br).u32(this.#around).u8(opcode.end);
      this.#beginCopy(out);
      this.#again = this.#from;
      return;
    }
    out.upTo(end).u8(opcode.br).u32(2).u8(opcode.end);
    this.#flush(out);
    out.u8(opcode.br).u32(0).u8(opcode.end).u8(opcode.end);
  }

  again(): number | undefined {
    const from = this.#again;
    this.#again = undefined;
    if (from !== undefined) this.#depth++;
    return from;
  }

  #label(index: number): number {
    return index <= this.#inside ? index : index + this.#around;
  }

  /** Blocks and loops around the copy that we are in that the original has not. */
  get #around(): number {
    const { before, within } = this.#copies;
    if (this.#copy <= before) return 1;
    return this.#copy === before + within ? 3 : 4;
  }

  /** Where rounds of loops are counted that are not in the global count yet. */
  get #rounds(): number {
    return this.#firstLocal + 1;
  }

  /** Leaves whether it is enough. */
  #add(out: BodyWriter, weight: number): void {
    out.u8(opcode.localGet).u32(this.#rounds);
    if (this.#far) {
      out.u8(opcode.localGet).u32(this.#firstStep + this.#steps.indexOf(stepOf(weight)));
      out.u8(opcode.f64Add).u8(opcode.localTee).u32(this.#rounds);
      number(out, 0).u8(f64Lt);
      return;
    }
    const isLent = this.#counts.result !== undefined;
    out
      .u8(opcode.i32Const)
      .s32(isLent ? 2 * weight : weight)
      .u8(opcode.i32Add);
    out.u8(opcode.localTee).u32(this.#rounds);
    out
      .u8(opcode.i32Const)
      .s32(isLent ? lent.twice.limit : this.#units)
      .u8(opcode.i32GeS);
  }

  /** What was counted here goes into the count that all share. */
  #flush(out: BodyWriter): void {
    out.u8(opcode.localGet).u32(this.#rounds).u8(opcode.call).u32(this.#turn).u8(opcode.localSet).u32(this.#rounds);
  }

  get #turn(): number {
    const { take, again, far } = this.#places.functions;
    if (this.#far) return far;
    return this.#counts.result === undefined ? take : again;
  }

  get #firstStep(): number {
    return this.#firstLocal + 2 + this.#sizes.length;
  }

  #count(out: BodyWriter, weight: number): void {
    out.u8(opcode.globalGet).u32(this.#places.globals.count).u8(opcode.i32Const).s32(weight).u8(opcode.i32Sub);
    this.#ask(out);
  }

  #thrown({ op, index }: Instruction): number {
    const { types, tags } = this.#module;
    const { params } = (op === opcode.throw && types[tags[index]!]) || { params: [] };
    return throwUnits + Math.ceil(params.length / valuesOfUnit);
  }

  #take(units: number, out: BodyWriter): void {
    out.u8(opcode.i32Const).s32(units).u8(opcode.call).u32(this.#places.functions.take).u8(opcode.drop);
  }

  #stretch(found: Instruction, out: BodyWriter): void {
    if (this.#short?.has(found.start)) return;
    out.upTo(found.start).skipTo(found.end).u8(opcode.call).u32(this.#pieces.of(found));
  }

  #countBulk(found: Instruction, out: BodyWriter): void {
    const shift = shiftOf(found);
    const wide = hasWideSize(this.#module, found);
    const size = this.#firstLocal + (wide ? 3 : 2);
    out.u8(opcode.localSet).u32(size);
    out.u8(opcode.globalGet).u32(this.#places.globals.count).u8(opcode.localGet).u32(size);
    // A size of more than an i32 holds is a trap in any case.
    if (wide) out.u8(opcode.i64Const).s32(shift).u8(opcode.i64ShrU).u8(opcode.i32WrapI64);
    else out.u8(opcode.i32Const).s32(shift).u8(opcode.i32ShrU);
    out.u8(opcode.i32Sub);
    this.#ask(out);
    out.u8(opcode.localGet).u32(size);
  }

  /** The new count is on the stack. */
  #ask(out: BodyWriter): void {
    const count = this.#firstLocal;
    out.u8(opcode.localTee).u32(count).u8(opcode.globalSet).u32(this.#places.globals.count);
    out.u8(opcode.localGet).u32(count).u8(opcode.i32Const).s32(0).u8(opcode.i32LtS);
    out.hint(0).u8(opcode.if).u8(empty).u8(opcode.call).u32(this.#places.functions.check).u8(opcode.end);
  }
}

/** What a loop of such a weight counts in a number: few different ones, since each takes a local. */
function stepOf(weight: number): number {
  return weight <= 4 ? weight : 2 ** Math.ceil(Math.log2(weight));
}

function shiftOf({ op }: Instruction): number {
  return op === opcode.gc ? bulkShift.array : bulkShift.table;
}

/** Some of its tables have 64-bit addresses. */
function isWide({ tables }: CoreModule): boolean {
  return tables.some(({ wide }) => wide);
}

/** The size that a bulk operation takes has 64 bits: where all that it touches has. */
function hasWideSize({ tables }: CoreModule, { op, sub, index, second }: Instruction): boolean {
  if (op === opcode.gc || sub === misc.tableInit) return false;
  return tables[index]?.wide === true && (sub !== misc.tableCopy || tables[second]?.wide === true);
}
