import { BandstandError } from "../../foundation/errors/index.ts";
import type { Instruction } from "../binary/index.ts";
import { opcode } from "../binary/index.ts";

/** Of those after 0xfb: what makes no object, only casts, or packs 31 bits. */
const harmless = new Set([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);

/** Objects of the garbage-collected heap escape the memory limit, so what makes them is refused by name. */
export function refuseInstruction(found: Instruction): void {
  if (found.op === opcode.gc && !harmless.has(found.sub)) {
    throw new BandstandError("component-unsupported", "the component uses garbage-collected structs or arrays", {
      remedy: "Build it for linear memory; the memory limit cannot hold for objects of the engine.",
    });
  }
  if (found.op === opcode.atomic) {
    throw new BandstandError("component-unsupported", "the component uses atomic instructions", {
      remedy: "Build it without threads (-mno-atomics, wasm32-wasip2).",
    });
  }
}
