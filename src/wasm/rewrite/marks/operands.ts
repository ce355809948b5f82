import type { CoreModule, FunctionType, Instruction } from "../../binary/index.ts";
import { misc, opcode } from "../../binary/index.ts";
import type { LocalValues } from "./values.ts";
import type { Pointer } from "./pointer.ts";
import { atEntry, constants, unknown } from "./values.ts";

/**
 * What is on the operand stack, as far as it is made of locals and constants by sums and products with constants. Only straight code is
 * followed: at control instructions, and at any that is not known here, all is forgotten, which is always right. Of 64 bits
 * the lower half is followed, by which such values become addresses.
 */
export class Operands {
  /** Names of values (`LocalValues`), what is added to them, and the local that each was read from, or `none`, or what `wrapped` answers. */
  readonly #names: number[] = [];
  readonly #deltas: number[] = [];
  readonly #locals: number[] = [];
  /** What more may be added to each, of which nothing else is known, and when the local was assigned that it was read from. */
  readonly #spans: number[] = [];
  readonly #times: number[] = [];
  #height = 0;
  readonly #module: CoreModule;
  readonly #values: LocalValues;

  constructor(module: CoreModule, values: LocalValues) {
    this.#module = module;
    this.#values = values;
  }

  /** The stack pointer, where it can be followed. */
  pointer: Pointer | undefined;

  clear(): void {
    this.#height = 0;
  }

  /** The operand so many places below the top. */
  read(depth: number, into: Operand): void {
    const at = this.#height - 1 - depth;
    if (at < 0) {
      into.name = unknown;
      into.local = none;
      into.span = 0;
      return;
    }
    into.name = this.#names[at]!;
    into.delta = this.#deltas[at]!;
    into.local = this.#locals[at]!;
    into.span = this.#spans[at]!;
    into.time = this.#times[at]!;
  }

  /** Follows one instruction. */
  apply(found: Instruction): void {
    const { op } = found;
    if (op === opcode.localGet) this.#get(found.index);
    else if (op === opcode.globalGet && found.index === this.pointer?.global) this.#pointer(this.pointer.delta);
    else if (op === opcode.i32Const) this.#push(constants, found.value, none);
    else if (op === opcode.i64Const) this.#push(constants, lowerHalf(this.#module.bytes, found), none);
    else if (op === opcode.localSet || op === opcode.localTee) this.#set(found.index, op === opcode.localTee);
    else if (op === opcode.i32Add || op === opcode.i64Add) this.#add(1);
    else if (op === opcode.i32Sub || op === opcode.i64Sub) this.#add(-1);
    else if (op === opcode.i32Mul || op === opcode.i64Mul) this.#multiply();
    else if (op === opcode.i32Shl || op === opcode.i64Shl) this.#shift();
    else if (op === opcode.i32WrapI64 || op === opcode.i64ExtendI32U || op === i64ExtendI32S) this.#convert(op);
    else if (bounded.has(op)) this.#bound(op);
    else if (op >= firstPlain && op <= lastPlain) this.#change(plainPops[op]!, plainPushes[op]!);
    else if (op === opcode.call) this.#call(this.#module.types[this.#module.functions[found.index]!], 0);
    else if (op === opcode.callIndirect) this.#call(this.#module.types[found.index], 1);
    else this.#rare(found);
  }

  #pointer(delta: number): void {
    this.#push(Number.isNaN(delta) ? unknown : atEntry, delta | 0, none);
  }

  #get(local: number): void {
    const values = this.#values;
    this.#push(values.name(local), values.delta(local), local, values.span(local), values.time(local));
  }

  #set(local: number, keep: boolean): void {
    const top = this.#height - 1;
    const name = top < 0 ? unknown : this.#names[top]!;
    this.#values.set(local, name, top < 0 ? 0 : this.#deltas[top]!, top < 0 ? 0 : this.#spans[top]!);
    this.#pop(1);
    if (keep) this.#get(local);
  }

  /** A sum with a constant keeps its name. */
  #add(sign: 1 | -1): void {
    const top = this.#height - 1;
    if (top > 0 && this.#names[top] === constants) this.#addConstant(top - 1, top, sign);
    else if (top > 0 && sign === 1 && this.#names[top - 1] === constants) this.#addConstant(top, top - 1, 1);
    else if (top > 0 && sign === 1) {
      const sum = this.#values.sum(this.#names[top - 1]!, this.#names[top]!);
      const delta = (this.#deltas[top - 1]! + this.#deltas[top]!) | 0;
      const span = this.#spans[top - 1]! + this.#spans[top]!;
      this.#pop(2);
      this.#push(sum, delta, none, span);
    } else this.#change(2, 1);
  }

  /** The top two become the one plus or minus the other, a constant or something between two. */
  #addConstant(of: number, by: number, sign: 1 | -1): void {
    const more = this.#spans[by]!;
    const delta = (this.#deltas[of]! + sign * this.#deltas[by]! - (sign === -1 ? more : 0)) | 0;
    const [name, local, span, time] = [this.#names[of]!, this.#locals[of]!, this.#spans[of]! + more, this.#times[of]!];
    this.#pop(2);
    this.#push(name, delta, more === 0 ? local : none, span, time);
  }

  #isConstant(at: number): boolean {
    return at >= 0 && this.#names[at] === constants && this.#spans[at] === 0;
  }

  /** What comes out of it has few bits, whatever goes in. */
  #bound(op: number): void {
    if (op === opcode.i32Load8U || op === i64Load8U) return this.#replace(1, 0xff);
    const top = this.#height - 1;
    const isTop = this.#isConstant(top);
    const by = this.#deltas[isTop ? top : top - 1]!;
    if (op === opcode.i32And || op === i64And)
      return isTop || this.#isConstant(top - 1) ? this.#replace(2, by) : this.#change(2, 1);
    if (!isTop) return this.#change(2, 1);
    if (op === i32RemU) return this.#replace(2, by - 1);
    this.#replace(2, op === opcode.i32ShrU ? 2 ** (32 - (by & 31)) - 1 : 2 ** (64 - (by & 63)) - 1);
  }

  /** So many operands become something between 0 and a greatest, where that is not negative and not too great. */
  #replace(pops: number, greatest: number): void {
    this.#pop(pops);
    if (greatest < 0) this.#push(unknown, 0, none);
    else this.#push(constants, 0, none, greatest);
  }

  /** Leaves a product with a constant that is the one operand or the other. */
  #multiply(): void {
    const top = this.#height - 1;
    if (top > 0 && this.#isConstant(top)) this.#scale(this.#deltas[top]!);
    else if (top > 0 && this.#isConstant(top - 1)) {
      const factor = this.#deltas[top - 1]!;
      this.#names[top - 1] = this.#names[top]!;
      this.#deltas[top - 1] = this.#deltas[top]!;
      this.#spans[top - 1] = this.#spans[top]!;
      this.#scale(factor);
    } else this.#change(2, 1);
  }

  #shift(): void {
    const top = this.#height - 1;
    const by = this.#deltas[top]!;
    if (top > 0 && this.#isConstant(top) && by >= 0 && by < 31) this.#scale(1 << by);
    else this.#change(2, 1);
  }

  /** The top two become the lower one times a factor. */
  #scale(factor: number): void {
    const below = this.#height - 2;
    const span = this.#spans[below]! * factor;
    const name = span < 0 ? unknown : this.#values.product(this.#names[below]!, factor);
    const delta = Math.imul(this.#deltas[below]!, factor);
    this.#pop(2);
    this.#push(name, delta, none, Math.max(span, 0));
  }

  /** The lower half stays what it was. */
  #convert(op: number): void {
    const top = this.#height - 1;
    if (top < 0) return this.#change(1, 1);
    const local = this.#locals[top]!;
    // `wrapped`: of a local of 64 bits.
    this.#locals[top] = op === opcode.i32WrapI64 && local >= 0 ? wrapped(local) : none;
  }

  #call(type: FunctionType | undefined, more: number): void {
    if (type === undefined) this.clear();
    else this.#change(type.params.length + more, type.results.length);
  }

  #rare({ op, sub }: Instruction): void {
    if (op === opcode.brIf) this.#pop(1);
    else if (op === opcode.misc) {
      if (sub < misc.memoryInit) this.#change(1, 1);
      else this.#change(bulkPops[sub - misc.memoryInit]!, sub === misc.tableGrow || sub === misc.tableSize ? 1 : 0);
    } else if (op === opcode.simd && sub === 11) this.#pop(2);
    else if (op === opcode.simd && (sub <= 10 || sub === 92 || sub === 93)) this.#change(1, 1);
    else if (op !== opcode.nop) this.clear();
  }

  #change(pops: number, pushes: number): void {
    this.#pop(pops);
    for (let n = pushes; n > 0; n--) this.#push(unknown, 0, none);
  }

  #pop(count: number): void {
    this.#height = Math.max(this.#height - count, 0);
  }

  #push(name: number, delta: number, local: number, span = 0, time = 0): void {
    const at = this.#height++;
    const known = span <= mostSpan;
    this.#names[at] = known ? name : unknown;
    this.#deltas[at] = known ? delta : 0;
    this.#locals[at] = known ? local : none;
    this.#spans[at] = known ? span : 0;
    this.#times[at] = time;
  }
}

export interface Operand {
  name: number;
  delta: number;
  /** The local that holds the name, maybe with another delta; or `none`, or what `wrapped` answers. */
  local: number;
  /** Between 0 and so much is added besides. */
  span: number;
  /** When that local was assigned; see `LocalValues.time`. */
  time: number;
}

/** Between two addresses that lie further from each other, nothing is marked. */
const mostSpan = 1024;

/** No local holds it. */
export const none = -1;

/** For a local of 64 bits whose lower half it is, and the other way round. */
export function wrapped(local: number): number {
  return -2 - local;
}

const i64ExtendI32S = 0xac;
const [i64Load8U, i32RemU, i64And] = [0x31, 0x70, 0x83];
/** Operators whose result may be known to be small. */
const bounded = new Set<number>([
  opcode.i32Load8U,
  i64Load8U,
  i32RemU,
  opcode.i32And,
  i64And,
  opcode.i32ShrU,
  opcode.i64ShrU,
]);

/** Of what `i64.const` gives. */
function lowerHalf(bytes: Uint8Array, { start, end }: Instruction): number {
  let value = 0;
  let shift = 0;
  for (let at = start + 1; at < end && shift < 32; at++, shift += 7) value |= (bytes[at]! & 0x7f) << shift;
  const isNegative = (bytes[end - 1]! & 0x40) !== 0;
  return isNegative && shift < 32 ? value | (-1 << shift) : value | 0;
}

/** From drop to i64.extend32_s, what has no effect on control: how many operands each takes and leaves. */
const firstPlain = 0x1a;
const lastPlain = 0xc4;
const plainPops = new Uint8Array(256);
const plainPushes = new Uint8Array(256);

function effect(from: number, to: number, pops: number, pushes: number): void {
  plainPops.fill(pops, from, to + 1);
  plainPushes.fill(pushes, from, to + 1);
}

effect(0x1a, 0x1a, 1, 0); // drop
effect(0x1b, 0x1c, 3, 1); // select
effect(0x23, 0x23, 0, 1); // global.get
effect(0x24, 0x24, 1, 0);
effect(0x25, 0x25, 1, 1); // table.get
effect(0x26, 0x26, 2, 0);
effect(0x28, 0x35, 1, 1); // loads
effect(0x36, 0x3e, 2, 0); // stores
effect(0x3f, 0x3f, 0, 1); // memory.size
effect(0x40, 0x40, 1, 1);
effect(0x42, 0x44, 0, 1); // constants
effect(0x45, 0xc4, 2, 1); // operators of two operands, but these of one:
effect(0x45, 0x45, 1, 1); // i32.eqz
effect(0x50, 0x50, 1, 1); // i64.eqz
effect(0x67, 0x69, 1, 1); // counting bits
effect(0x79, 0x7b, 1, 1);
effect(0x8b, 0x91, 1, 1); // f32.abs to sqrt
effect(0x99, 0x9f, 1, 1);
effect(0xa7, 0xc4, 1, 1); // conversions

/** From memory.init to table.fill. */
const bulkPops = [3, 0, 3, 3, 3, 0, 3, 2, 0, 3];
