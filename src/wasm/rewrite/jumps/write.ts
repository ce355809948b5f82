import type { Body, CoreModule } from "../../binary/index.ts";
import { empty, opcode, Writer } from "../../binary/index.ts";
import type { Dispatch, Jump, Leave } from "./dispatch.ts";
import { pieceOf, type Regions } from "./regions.ts";

/**
 * Writes a function with jumps that go where they lead. A piece further on is the end of a block, and what is jumped back to the
 * beginning of a loop of its own:
 *
 *     block … block block local.get X br_table … end   ;; piece 0: `br` to the end of the block before piece 2, say
 *     end                                               ;; piece 1, if piece 3 jumps back to it, which ends the loop
 *     loop
 *       block … block block local.get X (i32.const K) i32.eq br_if 0 local.get X br_table … end
 *       …
 *
 * Since a function may go on in the middle of a loop, where X says, loops begin with a dispatch of their own; X is set only
 * where one stands. Mostly it is the value that jumps back set, so that is asked first.
 */
export class StraightWriter {
  readonly #bytes: Uint8Array;
  readonly #dispatch: Dispatch;
  readonly #regions: Regions;
  readonly #out: Writer;
  /** Pieces before which blocks end that stand in a loop, by its first piece plus 1. */
  readonly #inner: number[][];
  /** Blocks and loops that we are in, and by piece how many were around those that lead to it; -1: none is open. */
  #open = 0;
  readonly #blocks: Int32Array;
  readonly #loops: Int32Array;
  readonly #heads: number[] = [];

  constructor({ bytes }: CoreModule, body: Body, dispatch: Dispatch, regions: Regions) {
    this.#bytes = bytes;
    this.#dispatch = dispatch;
    this.#regions = regions;
    this.#out = new Writer(body.end - body.start + 256);
    const count = dispatch.pieces.length;
    this.#inner = Array.from({ length: count + 1 }, () => []);
    for (const [piece, head] of regions.around.entries()) this.#inner[head + 1]!.push(piece);
    this.#blocks = new Int32Array(count).fill(-1);
    this.#loops = new Int32Array(count).fill(-1);
  }

  write({ start, end }: Body): Uint8Array {
    const { pieces, changes } = this.#dispatch;
    const { last } = this.#regions;
    this.#out.copy(this.#bytes, start, this.#dispatch.start);
    this.#begin(opcode.block);
    this.#enter(-1);
    let next = 0;
    for (const [piece, { from, to }] of pieces.entries()) {
      if (last[piece]! >= 0) this.#loop(piece);
      let copied = from;
      for (; next < changes.length && changes[next]!.piece === piece; next++) {
        const change = changes[next]!;
        this.#out.copy(this.#bytes, copied, change.from);
        if ("value" in change) this.#jump(change);
        else this.#leave(change);
        copied = change.to;
      }
      this.#out.copy(this.#bytes, copied, to);
      if (this.#asks(piece + 1)) this.#set(this.#regions.value.get(piece + 1)!);
      while (this.#heads.length > 0 && last[this.#heads.at(-1)!] === piece) this.#end(this.#loops, this.#heads.pop()!);
      this.#end(this.#blocks, piece + 1);
    }
    return this.#out.copy(this.#bytes, this.#dispatch.end, end).view();
  }

  #begin(op: number): number {
    this.#out.u8(op).u8(empty);
    return this.#open++;
  }

  #end(of: Int32Array, piece: number): void {
    if (piece < of.length) of[piece] = -1;
    this.#out.u8(opcode.end);
    this.#open--;
  }

  /** A loop begins there that can go on in its middle. */
  #asks(piece: number): boolean {
    return piece < this.#regions.last.length && this.#regions.last[piece]! > piece;
  }

  #set(value: number): void {
    this.#out.u8(opcode.i32Const).s32(value).u8(opcode.localSet).u32(this.#dispatch.local);
  }

  #loop(head: number): void {
    this.#loops[head] = this.#begin(opcode.loop);
    this.#heads.push(head);
    if (!this.#asks(head)) return;
    this.#enter(head);
  }

  /** The blocks of a loop, or of the function, and what leads to them. */
  #enter(head: number): void {
    for (const piece of this.#inner[head + 1]!.toReversed()) this.#blocks[piece] = this.#begin(opcode.block);
    const { local, table } = this.#dispatch;
    const { value, parts } = this.#regions;
    const [first, behind] = parts.get(head) ?? [0, table.length - 1];
    if (head >= 0) {
      this.#begin(opcode.block);
      this.#out.u8(opcode.localGet).u32(local).u8(opcode.i32Const).s32(value.get(head)!).u8(opcode.i32Eq);
      this.#out.u8(opcode.brIf).u32(0);
    }
    this.#out.u8(opcode.localGet).u32(local);
    if (first > 0) this.#out.u8(opcode.i32Const).s32(first).u8(opcode.i32Sub);
    this.#out.u8(opcode.brTable).u32(behind - first);
    for (let value = first; value < behind; value++) this.#out.u32(this.#way(head, table[value]!));
    this.#out.u32(this.#way(head, table.at(-1)!));
    if (head >= 0) {
      this.#out.u8(opcode.end);
      this.#open--;
    } else this.#end(this.#blocks, 0);
  }

  /** The label, in the dispatch of a loop, of a piece in it: of the loop that holds it, where that is another; 0 for those that never come there. */
  #way(head: number, piece: number): number {
    const { last, around } = this.#regions;
    if (head >= 0 && (piece <= head || piece > last[head]!)) return 0;
    while (around[piece] !== head) piece = around[piece]!;
    return this.#open - 1 - this.#blocks[piece]!;
  }

  #jump({ piece, depth, value }: Jump): void {
    let to = pieceOf(this.#dispatch, value);
    let at = this.#loops[to]!;
    if (to > piece) {
      while (this.#blocks[to]! < 0) to = this.#regions.around[to]!;
      at = this.#blocks[to]!;
    }
    if (this.#asks(to)) this.#set(value);
    this.#out.u8(opcode.br).u32(depth + this.#open - 1 - at);
  }

  /** What was around the loop is around all of what stands there now. */
  #leave({ piece, depth, op, labels }: Leave): void {
    this.#out.u8(op);
    if (op === opcode.brTable) this.#out.u32(labels.length - 1);
    const more = this.#open - (this.#dispatch.pieces.length - piece);
    for (const label of labels) this.#out.u32(label < depth ? label : label + more);
  }
}
