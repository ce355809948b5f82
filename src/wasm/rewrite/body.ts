import type { Body, CoreModule, Instruction } from "../binary/index.ts";
import { instruction, nextInstruction, Reader, Writer } from "../binary/index.ts";
import { skipLocals } from "./scan.ts";

/** What a pass adds to one function. It sees every instruction once, in order; before it writes, it says where. */
export interface BodyVisitor {
  /** Types of additional locals (first bytes). */
  locals: readonly number[];
  /** At the entry. @param firstLocal index of the first of its additional locals. */
  enter(out: BodyWriter, firstLocal: number): void;
  /** To write before the instruction call `out.upTo(found.start)` first, behind it `out.upTo(found.end)`. */
  visit(found: Instruction, out: BodyWriter): void;
  /** Where to go on reading instead: what stands there is written once more. Asked after each instruction. */
  again?(): number | undefined;
}

/** The new code of one body. */
export class BodyWriter extends Writer {
  /** Pairs of offset from the local declarations and likelihood (0 unlikely, 1 likely), in order. */
  readonly hints: number[] = [];
  readonly #source: Uint8Array;
  #copied: number;

  constructor(source: Uint8Array, from: number, capacity: number) {
    super(capacity);
    this.#source = source;
    this.#copied = from;
  }

  /** Copies the original up to a position, so that what is written next stands there. */
  upTo(position: number): this {
    if (position > this.#copied) this.copy(this.#source, this.#copied, position);
    this.#copied = position;
    return this;
  }

  /** Passes over the original up to a position: what is written replaces it. */
  skipTo(position: number): this {
    this.#copied = position;
    return this;
  }

  /** Says of the branch written next that it is rarely (0) or mostly (1) taken. */
  hint(likely: 0 | 1): this {
    this.hints.push(this.length, likely);
    return this;
  }
}

/**
 * Copies a body with what the visitors add, in their order; unchanged stretches are copied as they are.
 * @param params number of the function's parameters, since locals count on from them.
 * @param declared branch hints of the module's own, as pairs like `BodyWriter.hints`; they move along.
 */
export function rewriteBody(
  module: CoreModule,
  body: Body,
  params: number,
  visitors: readonly BodyVisitor[],
  declared: readonly number[] = [],
): BodyWriter {
  const reader = new Reader(module.bytes, body.start, body.end, { base: 0, section: "code section" });
  const { groups, groupsAt, count } = skipLocals(reader);
  const out = new BodyWriter(module.bytes, groupsAt, body.end - body.start + 64);
  out.u32(groups + visitors.reduce((sum, { locals }) => sum + locals.length, 0)).upTo(reader.position);
  for (const { locals } of visitors) for (const type of locals) out.u32(1).u8(type);
  let firstLocal = params + count;
  for (const visitor of visitors) {
    visitor.enter(out, firstLocal);
    firstLocal += visitor.locals.length;
  }
  const found = instruction();
  let hint = 0;
  while (!reader.done) {
    nextInstruction(reader, found);
    if (declared[hint] === found.start - body.start) {
      out.upTo(found.start).hint(declared[hint + 1] === 0 ? 0 : 1);
      hint += 2;
    }
    for (const visitor of visitors) visitor.visit(found, out);
    for (const visitor of visitors) {
      const from = visitor.again?.();
      if (from === undefined) continue;
      reader.position = from;
      out.skipTo(from);
      while (hint > 0 && declared[hint - 2]! >= from - body.start) hint -= 2;
    }
  }
  out.upTo(body.end);
  return out;
}
