import { opcode } from "../../binary/index.ts";
import type { Instruction } from "../../binary/index.ts";
import type { BodyVisitor, BodyWriter } from "../body.ts";
import type { Trace } from "../scan.ts";
import { event } from "../scan.ts";
import type { ResetPlaces } from "./places.ts";

/**
 * Reads a byte of the memory of marks before each loop that may mark and calls nothing. The byte is of no use, and the
 * engine leaves the reading of it out; what stays is that it knows where that memory begins, in a register. Otherwise a
 * mark in a branch within the loop asks for that each time, since no other has on every way to it.
 */
export class HoldVisitor implements BodyVisitor {
  readonly locals = [];
  readonly #marks: number;
  readonly #loops: ReadonlySet<number>;

  constructor({ marks }: ResetPlaces, trace: Trace) {
    this.#marks = marks;
    this.#loops = loopsWithoutCalls(trace);
  }

  enter(): void {}

  visit({ op, start }: Instruction, out: BodyWriter): void {
    if (op !== opcode.loop || !this.#loops.has(start)) return;
    out.upTo(start).u8(opcode.i32Const).s32(0).u8(opcode.i32Load8U).u8(0x40).u32(this.#marks).u32(0).u8(opcode.drop);
  }
}

/** Where they begin. */
function loopsWithoutCalls({ events, quiet }: Trace): Set<number> {
  const found = new Set<number>();
  let loop = 0;
  for (let i = 0; i < events.length; i += 2) if (events[i] === event.loop && quiet[loop++]!) found.add(events[i + 1]!);
  return found;
}
