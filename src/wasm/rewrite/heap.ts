import { BandstandError } from "../../foundation/errors/index.ts";
import type { CoreModule, Instruction } from "../binary/index.ts";
import { arrayHeader, empty, i32, i64, objects, opcode, Writer } from "../binary/index.ts";
import type { BodyVisitor, BodyWriter } from "./body.ts";
import type { Places } from "./asking.ts";
import { heapChunk } from "./names.ts";
import type { Trace } from "./scan.ts";

/** Bytes that an exception takes beside its values. */
const exceptionBytes = 128;

/** Where the additions of a module that makes objects come to stand. */
export interface HeapPlaces {
  /** Bytes that are left of what the host granted. */
  global: number;
  /** Asks for more, `() -> ()`. */
  ask: number;
  next: Places["next"];
}

/** Undefined where a module makes nothing that stays in the engine's heap. Throws `component-unsupported`. */
export function heapPlaces(module: CoreModule, traces: readonly Trace[], { next }: Places): HeapPlaces | undefined {
  if (!makesObjects(module, traces)) return undefined;
  if (module.initialObjects === Infinity) {
    throw new BandstandError("component-unsupported", "a global holds an array whose length is not a constant", {
      remedy: "Make the array in the start function.",
    });
  }
  return {
    global: next.global,
    ask: next.function,
    next: { type: next.type, global: next.global + 1, function: next.function + 1 },
  };
}

/** It makes objects of the engine's heap, or exceptions that it can keep. */
export function makesObjects({ initialObjects }: CoreModule, traces: readonly Trace[]): boolean {
  return initialObjects > 0 || traces.some(({ makes }) => makes);
}

/** What it makes when it is instantiated, the host takes for it before. */
export function heapGlobal(): Uint8Array {
  return new Writer().u8(i64).u8(1).u8(opcode.i64Const).s32(0).u8(opcode.end).view();
}

/**
 * Asks the hook until what is granted covers what was taken. What it is called with tells such a question from that for
 * time: all bits of the guest's number turned. Anything but 0 is a trap.
 */
export function askBody({ globals, types }: Places, heap: HeapPlaces): Uint8Array {
  const out = new Writer().u32(0);
  out.u8(opcode.loop).u8(empty);
  out.u8(opcode.globalGet).u32(globals.guest).u8(opcode.i32Const).s32(-1).u8(opcode.i32Xor);
  out.u8(opcode.globalGet).u32(globals.hook).u8(opcode.callRef).u32(types.hook);
  out.u8(opcode.if).u8(empty).u8(opcode.unreachable).u8(opcode.end);
  out.u8(opcode.globalGet).u32(heap.global).u8(opcode.i64Const).s32(heapChunk).u8(opcode.i64Add);
  out.u8(opcode.globalSet).u32(heap.global).u8(opcode.globalGet).u32(heap.global);
  out.u8(opcode.i64Const).s32(0).u8(opcode.i64LtS).u8(opcode.brIf).u32(0);
  return out.u8(opcode.end).u8(opcode.end).view();
}

/** Takes what each object needs from what is granted, before it is made. */
export class HeapVisitor implements BodyVisitor {
  readonly locals = [i64, i32];
  readonly #module: CoreModule;
  readonly #heap: HeapPlaces;
  #left = 0;
  #length = 0;

  constructor(module: CoreModule, heap: HeapPlaces) {
    this.#module = module;
    this.#heap = heap;
  }

  enter(_: BodyWriter, firstLocal: number): void {
    this.#left = firstLocal;
    this.#length = firstLocal + 1;
  }

  visit(found: Instruction, out: BodyWriter): void {
    if (found.op === opcode.throw) {
      if (this.#module.holdsExceptions) this.#fixed(exceptionSize(this.#module, found.index), out.upTo(found.start));
      return;
    }
    if (found.op !== opcode.gc) return;
    const bytes = this.#module.objects[found.index]?.bytes ?? 0;
    switch (found.sub) {
      case objects.structNew:
      case objects.structNewDefault:
        this.#fixed(bytes, out.upTo(found.start));
        return;
      case objects.arrayNewFixed:
        this.#fixed(arrayHeader + found.second * bytes, out.upTo(found.start));
        return;
      case objects.arrayNew:
      case objects.arrayNewDefault:
      case objects.arrayNewData:
      case objects.arrayNewElem:
        this.#array(bytes, out.upTo(found.start));
    }
  }

  #fixed(bytes: number, out: BodyWriter): void {
    out.u8(opcode.globalGet).u32(this.#heap.global).u8(opcode.i64Const).s64(bytes).u8(opcode.i64Sub);
    this.#take(out);
  }

  /** The number of elements is on top of the stack. */
  #array(bytes: number, out: BodyWriter): void {
    out.u8(opcode.localSet).u32(this.#length).u8(opcode.globalGet).u32(this.#heap.global);
    out.u8(opcode.localGet).u32(this.#length).u8(opcode.i64ExtendI32U).u8(opcode.i64Const).s32(bytes);
    out.u8(opcode.i64Mul).u8(opcode.i64Sub).u8(opcode.i64Const).s32(arrayHeader).u8(opcode.i64Sub);
    this.#take(out);
    out.u8(opcode.localGet).u32(this.#length);
  }

  /** What is left then is on the stack. */
  #take(out: BodyWriter): void {
    out.u8(opcode.localTee).u32(this.#left).u8(opcode.globalSet).u32(this.#heap.global);
    out.u8(opcode.localGet).u32(this.#left).u8(opcode.i64Const).s32(0).u8(opcode.i64LtS);
    out.hint(0).u8(opcode.if).u8(empty).u8(opcode.call).u32(this.#heap.ask).u8(opcode.end);
  }
}

/** V8 keeps values 16 bits at a time, each as a word of 8 bytes. */
function exceptionSize({ types, tags }: CoreModule, tag: number): number {
  const { params = [] } = types[tags[tag]!] ?? {};
  const words = (type: number): number => valueWords[type] ?? 1;
  return exceptionBytes + params.reduce((sum, type) => sum + 8 * words(type), 0);
}

const valueWords: Record<number, number> = { 0x7f: 2, 0x7d: 2, 0x7e: 4, 0x7c: 4, 0x7b: 8 };

/** An instruction after 0xfb that makes an object. */
export function makesObject(sub: number): boolean {
  return sub <= objects.structNewDefault || (sub >= objects.arrayNew && sub <= objects.arrayNewElem);
}

/** The same whose time depends on the count on top of the stack. */
export function isArrayBulk(sub: number): boolean {
  const isNew = sub >= objects.arrayNew && sub <= objects.arrayNewElem && sub !== objects.arrayNewFixed;
  return isNew || (sub >= objects.arrayFill && sub <= objects.arrayInitElem);
}
