import type { CoreModule, Instruction } from "../binary/index.ts";
import { empty, funcType, i32, i64, misc, opcode, Writer } from "../binary/index.ts";
import type { Places } from "./asking.ts";
import { fewBody, hasFew } from "./few-bytes.ts";
import type { ResetPlaces } from "./marks/places.ts";
import type { Trace } from "./scan.ts";

const [i64LtU, i64GtU] = [0x54, 0x56];

/**
 * Bytes of memory that are written in one go. Pages that were never touched take the kernel half a millisecond for each MiB, so
 * that a `memory.fill` of all that a guest may have would keep its neighbours waiting for 60 ms.
 */
export const piece = 256 << 10;

/** 2^8 bytes count as much as one round of a loop. */
const unitShift = 8;

/** An operation on a stretch of memory, with its immediates: destination (or segment), source (or memory). */
export interface Stretch {
  sub: number;
  index: number;
  second: number;
}

/** Where the functions and types for one kind of operation come to stand. */
interface Kind extends Stretch {
  /** Does all pieces but the last: destination, source (or value), size; answers the same for what is left. */
  helper: number;
  /** Takes the same and does it all. */
  whole: number;
  /** The same, quicker where there are few bytes (`fewBody`). */
  few: number | undefined;
  types: { helper: number; whole: number };
  destination: number;
  source: number;
  size: number;
}

/**
 * Long operations on memory are done in pieces, with a check after each: one instruction cannot be interrupted. Counts, pieces and
 * marks stand in a function for each kind of operation, which is called in its place: written in its place they are 80 bytes.
 */
export class Pieces {
  readonly next: Places["next"];
  readonly #kinds = new Map<string, Kind>();
  readonly #functions: Places["functions"];

  constructor(
    module: CoreModule,
    traces: readonly Trace[],
    functions: Places["functions"],
    { type, global, function: at }: Places["next"],
  ) {
    this.#functions = functions;
    for (const { stretches } of traces) {
      for (const stretch of stretches) {
        const key = keyOf(stretch);
        if (this.#kinds.has(key)) continue;
        const types = { helper: type++, whole: type++ };
        const takes = operands(module, stretch);
        const [helper, whole] = [at++, at++];
        const few = hasFew(stretch, Object.values(takes)) ? at++ : undefined;
        this.#kinds.set(key, { ...stretch, helper, whole, few, types, ...takes });
      }
    }
    this.next = { type, global, function: at };
  }

  /** Of types and of functions. */
  get count(): { types: number; functions: number } {
    const few = [...this.#kinds.values()].filter((kind) => kind.few !== undefined).length;
    return { types: 2 * this.#kinds.size, functions: 2 * this.#kinds.size + few };
  }

  get types(): Uint8Array {
    const out = new Writer();
    for (const { destination, source, size } of this.#kinds.values()) {
      const values = Uint8Array.of(destination, source, size);
      out.u8(funcType).u32(3).raw(values).u32(3).raw(values);
      out.u8(funcType).u32(3).raw(values).u32(0);
    }
    return out.view();
  }

  get functions(): Uint8Array {
    const out = new Writer();
    for (const { types, few } of this.#kinds.values()) {
      out.u32(types.helper).u32(types.whole);
      if (few !== undefined) out.u32(types.whole);
    }
    return out.view();
  }

  bodies(reset: ResetPlaces | undefined): Uint8Array[] {
    return [...this.#kinds.values()].flatMap((kind) => {
      const all = [this.#body(kind, reset), this.#whole(kind, reset)];
      const beside = reset === undefined ? undefined : reset.marks + memoryOf(kind);
      return kind.few === undefined ? all : [...all, fewBody(kind, kind.whole, beside)];
    });
  }

  /** The function that stands for an operation on a stretch of memory. */
  of(found: Instruction): number {
    const { few, whole } = this.#kinds.get(keyOf(found))!;
    return few ?? whole;
  }

  #whole(kind: Kind, reset: ResetPlaces | undefined): Uint8Array {
    const [destination, source, size] = [0, 1, 2];
    const out = new Writer().u32(0);
    out.u8(opcode.localGet).u32(size);
    constant(out, kind.size, unitShift);
    // A size of more than an i32 holds is a trap in any case.
    if (kind.size === i64) out.u8(opcode.i64ShrU).u8(opcode.i32WrapI64);
    else out.u8(opcode.i32ShrU);
    out.u8(opcode.call).u32(this.#functions.take).u8(opcode.drop);
    isLong(out, size, kind.size);
    out.u8(opcode.if).u8(empty);
    for (const local of [destination, source, size]) out.u8(opcode.localGet).u32(local);
    out.u8(opcode.call).u32(kind.helper);
    for (const local of [size, source, destination]) out.u8(opcode.localSet).u32(local);
    out.u8(opcode.end);
    if (reset !== undefined) {
      out.u8(opcode.localGet).u32(destination).u8(opcode.localGet).u32(size);
      out.u8(opcode.call).u32(reset.functions.range + memoryOf(kind));
    }
    for (const local of [destination, source, size]) out.u8(opcode.localGet).u32(local);
    operation(out, kind);
    return out.u8(opcode.end).view();
  }

  #body(kind: Kind, reset: ResetPlaces | undefined): Uint8Array {
    const [destination, source, size] = [0, 1, 2];
    const { sub } = kind;
    const out = new Writer().u32(0);
    /** Destination and source (or value) so far on. */
    const ends = (by: (type: number) => void): void => {
      out.u8(opcode.localGet).u32(destination);
      by(kind.destination);
      out.u8(addition(kind.destination)).u8(opcode.localGet).u32(source);
      if (sub === misc.memoryFill) return;
      by(kind.source);
      out.u8(addition(kind.source));
    };
    const bySize = (type: number): void => {
      out.u8(opcode.localGet).u32(size);
      if (type !== kind.size) out.u8(type === i64 ? opcode.i64ExtendI32U : opcode.i32WrapI64);
    };
    const mark = (at: () => void): void => {
      if (reset === undefined) return;
      at();
      out
        .u8(opcode.i32Const)
        .s32(piece)
        .u8(opcode.call)
        .u32(reset.functions.range + memoryOf(kind));
    };
    // What leaves a memory or a segment traps before anything is written.
    const within = (local: number, type: number): void => {
      out.u8(opcode.localGet).u32(local);
      bySize(type);
      out
        .u8(addition(type))
        .u8(opcode.localGet)
        .u32(local)
        .u8(type === i64 ? i64LtU : opcode.i32LtU);
      out.u8(opcode.if).u8(empty).u8(opcode.unreachable).u8(opcode.end);
    };
    within(destination, kind.destination);
    if (sub !== misc.memoryFill) within(source, kind.source);
    ends(bySize);
    constant(out, kind.size, 0);
    operation(out, kind);
    const loop = (body: () => void): void => {
      out.u8(opcode.loop).u8(empty);
      body();
      out.u8(opcode.call).u32(this.#functions.check);
      isLong(out, size, kind.size);
      out.u8(opcode.brIf).u32(0).u8(opcode.end);
    };
    const shrink = (): void => {
      out.u8(opcode.localGet).u32(size);
      constant(out, kind.size, piece);
      out
        .u8(kind.size === i64 ? opcode.i64Sub : opcode.i32Sub)
        .u8(opcode.localSet)
        .u32(size);
    };
    const advance = (local: number, type: number): void => {
      out.u8(opcode.localGet).u32(local);
      constant(out, type, piece);
      out.u8(addition(type)).u8(opcode.localSet).u32(local);
    };
    const forward = (): void =>
      loop(() => {
        mark(() => out.u8(opcode.localGet).u32(destination));
        out.u8(opcode.localGet).u32(destination).u8(opcode.localGet).u32(source);
        constant(out, kind.size, piece);
        operation(out, kind);
        advance(destination, kind.destination);
        if (sub !== misc.memoryFill) advance(source, kind.source);
        shrink();
      });
    // A copy that goes up may write over what it has yet to read: its end comes first.
    if (sub === misc.memoryCopy && kind.index === kind.second) {
      out.u8(opcode.localGet).u32(destination).u8(opcode.localGet).u32(source);
      out
        .u8(kind.destination === i64 ? i64GtU : opcode.i32GtU)
        .u8(opcode.if)
        .u8(empty);
      loop(() => {
        shrink();
        mark(() => out.u8(opcode.localGet).u32(destination).u8(opcode.localGet).u32(size).u8(opcode.i32Add));
        ends(bySize);
        constant(out, kind.size, piece);
        operation(out, kind);
      });
      out.u8(opcode.else);
      forward();
      out.u8(opcode.end);
    } else forward();
    for (const local of [destination, source, size]) out.u8(opcode.localGet).u32(local);
    return out.u8(opcode.end).view();
  }
}

/** An operation on a stretch of memory. */
export function isStretch(sub: number): boolean {
  return sub === misc.memoryInit || sub === misc.memoryCopy || sub === misc.memoryFill;
}

/** Bytes that are fewer than what one unit stands for, and that one mark covers. */
const mostShort = 255;

/** Of a size that is a constant, the instruction before. */
export function isShort({ memories }: CoreModule, { sub, index, second }: Instruction, size: number): boolean {
  if ((sub !== misc.memoryFill && sub !== misc.memoryCopy) || size < 0 || size > mostShort) return false;
  return memories[index]?.wide !== true && (sub === misc.memoryFill || memories[second]?.wide !== true);
}

/** The same for operations that one function can stand for. */
export function keyOf({ sub, index, second }: Stretch): string {
  return `${sub} ${index} ${second}`;
}

function memoryOf({ sub, index, second }: Stretch): number {
  return sub === misc.memoryInit ? second : index;
}

/** Types of its operands. */
function operands({ memories }: CoreModule, stretch: Stretch): Pick<Kind, "destination" | "source" | "size"> {
  const addressOf = (memory: number): number => (memories[memory]?.wide ? i64 : i32);
  const destination = addressOf(memoryOf(stretch));
  if (stretch.sub === misc.memoryFill) return { destination, source: i32, size: destination };
  if (stretch.sub === misc.memoryInit) return { destination, source: i32, size: i32 };
  const source = addressOf(stretch.second);
  return { destination, source, size: destination === i64 && source === i64 ? i64 : i32 };
}

function operation(out: Writer, { sub, index, second }: Stretch): void {
  out.u8(opcode.misc).u32(sub).u32(index);
  if (sub !== misc.memoryFill) out.u32(second);
}

/** Leaves whether the size in a local is more than one piece. */
function isLong(out: Writer, local: number, type: number): void {
  out.u8(opcode.localGet).u32(local);
  constant(out, type, piece);
  out.u8(type === i64 ? i64GtU : opcode.i32GtU);
}

function constant(out: Writer, type: number, value: number): void {
  out.u8(type === i64 ? opcode.i64Const : opcode.i32Const).s32(value);
}

function addition(type: number): number {
  return type === i64 ? opcode.i64Add : opcode.i32Add;
}
