import type { CoreModule, Instruction } from "../../binary/index.ts";
import { instruction, nextInstruction, opcode, Reader } from "../../binary/index.ts";
import { recursive } from "../recursive.ts";
import type { Scan } from "../scan.ts";
import { skipLocals } from "../scan.ts";
import { branches, eachLabel } from "./labels.ts";

/** By how much the pointer differs from what it was at the entry; not a number: by anything; undefined: nobody comes here. */
type Delta = number | undefined;
const anything = Number.NaN;

interface Block {
  kind: "block" | "loop" | "if";
  /** Where it begins, and where it is left by branches. */
  entry: Delta;
  end: Delta;
}

function either(a: Delta, b: Delta): Delta {
  if (a === undefined) return b;
  return b === undefined || Object.is(a, b) ? a : anything;
}

/**
 * Follows a stack pointer that stands in a global through one function. Rounds of loops begin with what the first one began
 * with, as compilers have it; where one does not, `steady` says so, and then nothing that was said of this function holds.
 */
export class Pointer {
  readonly global: number;
  steady = true;
  readonly #module: CoreModule;
  readonly #preserves: Uint8Array;
  readonly #blocks: Block[] = [];
  #ended: Block | undefined;
  #at: Delta;
  /** Passed of `global.get`, `i32.const`, `i32.add`, with no other between them, and their sum by the pointer. */
  #passed = 0;
  #sum = 0;
  #constant = 0;

  /** @param preserves 1: an own function leaves the pointer as it was. */
  constructor(module: CoreModule, global: number, preserves: Uint8Array) {
    this.#module = module;
    this.global = global;
    this.#preserves = preserves;
  }

  enter(): void {
    this.steady = true;
    this.#passed = this.#blocks.length = 0;
    this.#at = 0;
    this.#begin("block");
  }

  /** What is added to the value at the entry; not a number where that is not known. */
  get delta(): number {
    return this.#at ?? anything;
  }

  /** The loop that ended is read once more, by those who would have begun another round. */
  again(): void {
    const { entry } = this.#ended!;
    this.#blocks.push({ kind: "loop", entry, end: this.#at });
    this.#at = entry;
  }

  apply(found: Instruction): void {
    const { op } = found;
    this.#follow(found);
    if (op === opcode.block || op === opcode.loop || op === opcode.if)
      this.#begin(op === opcode.block ? "block" : op === opcode.loop ? "loop" : "if");
    else if (op === opcode.else) {
      const block = this.#blocks.at(-1)!;
      block.kind = "block";
      block.end = either(block.end, this.#at);
      this.#at = block.entry;
    } else if (op === opcode.end) this.#end();
    else if (op === opcode.call) this.#call(this.#preserves[found.index - this.#module.importedFunctions] === 1);
    else if (op === opcode.callIndirect || op === opcode.callRef) this.#call(false);
    else if (op === opcode.return) this.#branch(this.#blocks.length - 1);
    else if (odd.has(op)) this.steady = false;
    else if (branches(found)) {
      if (op > opcode.brTable) this.steady = false;
      else eachLabel(this.#module, found, this.#branch);
    }
    if (leaves.has(op)) this.#at = undefined;
  }

  /** Only `pointer = pointer ± constant`, written at once, is understood. */
  #follow({ op, index, value }: Instruction): void {
    const passed = this.#passed;
    this.#passed = 0;
    if (op === opcode.globalGet && index === this.global) [this.#passed, this.#sum] = [1, this.delta];
    else if (op === opcode.i32Const && passed === 1) [this.#passed, this.#constant] = [2, value];
    else if ((op === opcode.i32Add || op === opcode.i32Sub) && passed === 2) {
      this.#passed = 1;
      this.#sum = (this.#sum + (op === opcode.i32Add ? this.#constant : -this.#constant)) | 0;
      if (Number.isNaN(this.delta)) this.#sum = anything;
    } else if (op === opcode.globalSet && index === this.global && this.#at !== undefined)
      this.#at = passed === 1 ? this.#sum : anything;
  }

  #begin(kind: Block["kind"]): void {
    this.#blocks.push({ kind, entry: this.#at, end: undefined });
  }

  #end(): void {
    const block = this.#blocks.pop()!;
    this.#ended = block;
    this.#at = either(this.#at, block.end);
    if (block.kind === "if") this.#at = either(this.#at, block.entry);
  }

  #call(preserves: boolean): void {
    if (!preserves && this.#at !== undefined) this.#at = anything;
  }

  readonly #branch = (label: number): void => {
    const block = this.#blocks.at(-1 - label);
    if (block === undefined || this.#at === undefined) return;
    if (block.kind === "loop") this.steady &&= Object.is(this.#at, block.entry);
    else block.end = either(block.end, this.#at);
  };

  /** Behind the end of the function. */
  get preserves(): boolean {
    return this.steady && (this.#at === undefined || this.#at === 0);
  }
}

/** What does not come by its end. */
const leaves = new Set<number>([opcode.br, opcode.brTable, opcode.return, opcode.unreachable, opcode.throw]);
/** Handlers are entered from anywhere; calls in the place of their function return in its place. */
const odd = new Set<number>([
  opcode.try,
  opcode.catch,
  opcode.catchAll,
  opcode.delegate,
  opcode.rethrow,
  opcode.returnCall,
  opcode.returnCallIndirect,
  opcode.returnCallRef,
]);

/** The stack pointer of a module that asks for it wherever it stores, and in which functions it can be followed. */
export function pointerOf(module: CoreModule, { traces, pointer: global }: Scan) {
  if (global === undefined) return undefined;
  const preserves = new Uint8Array(traces.length);
  const steady = new Uint8Array(traces.length);
  const pointer = new Pointer(module, global, preserves);
  const found = instruction();
  // Of functions that call each other in a circle the first one looked at knows nothing of the others.
  for (const own of recursive(module, traces).order) {
    const { start, end } = module.bodies[own]!;
    const reader = new Reader(module.bytes, start, end);
    skipLocals(reader);
    pointer.enter();
    while (!reader.done && pointer.steady) {
      nextInstruction(reader, found);
      pointer.apply(found);
    }
    if (pointer.steady) steady[own] = 1;
    if (pointer.preserves) preserves[own] = 1;
  }
  return { pointer, steady };
}
