import { opcode } from "../binary/opcodes.ts";
import { Writer } from "../binary/writer.ts";

/** In the memory: constants of the rounds, the words of a block, the state, and what is hashed. */
const [constants, words] = [0, 256];
export const [state, input] = [512, 1024];
/** Bytes that fit behind it. */
export const mostBytes = 256 << 10;
/** Functions that do the same. One that runs for long V8 optimizes on another thread: 1.5 ms, of no use to a short command. */
export const copies = 4;
/** Bytes after which another one goes on: at 32 kB, 25 kB of its code a block, V8 would begin. */
export const mostBytesOfCopy = 28 << 10;

const i32 = 0x7f;
const i64 = 0x7e;
const empty = 0x40;
const op = {
  i32LtU: 0x49, and: 0x71, or: 0x72, xor: 0x73, shl: 0x74, shrU: 0x76, i64Or: 0x84, i64Xor: 0x85, i64Shl: 0x86, i64ShrU: 0x88,
  wrap: 0xa7, extendU: 0xad,
}; // prettier-ignore
/** Locals: the block and the end of all, the byte offset of the round, the working variables, a word, and one beside itself. */
const [block, end, round, a, b, c, d, e, f, g, h, word, twice] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const variables = [a, b, c, d, e, f, g, h];

/**
 * A module with its memory and copies of `hash(from, to)`, by number. It is for one short run of what V8 compiles at once: there a rotation is
 * a call out of the code, and a word beside itself, shifted, is none. A bundle holds its bytes instead of this file.
 */
export function sha256Code(): Uint8Array {
  const pages = ((input + mostBytes) >> 16) + 1;
  const out = Writer.module();
  out.section(1, new Writer().u32(1).u8(0x60).u32(2).u8(i32).u8(i32).u32(0));
  const each = Array.from({ length: copies }, (_, i) => i);
  out.section(
    3,
    each.reduce((list) => list.u32(0), new Writer().u32(copies)),
  );
  out.section(5, new Writer().u32(1).u8(0).u32(pages));
  const exported = new Writer()
    .u32(1 + copies)
    .name("memory")
    .u8(2)
    .u32(0);
  out.section(
    7,
    each.reduce((list, i) => list.name(String(i)).u8(0).u32(i), exported),
  );
  const body = new Code().blocks();
  out.section(
    10,
    each.reduce((list) => list.u32(body.length).raw(body.view()), new Writer().u32(copies)),
  );
  const table = new Uint8Array(roundConstants.length * 4);
  for (const [i, value] of roundConstants.entries()) new DataView(table.buffer).setUint32(i * 4, value, true);
  const place = new Writer().u32(1).u32(0).u8(opcode.i32Const).s32(constants).u8(opcode.end);
  out.section(11, place.u32(table.length).raw(table));
  return out.view();
}

class Code {
  readonly #out = new Writer(1024).u32(2).u32(10).u8(i32).u32(1).u8(i64);

  /** A loop over blocks, and in it three over words: those of the block, those that come of them, and the rounds. */
  blocks(): Writer {
    this.#op(opcode.loop, empty);
    this.#words(0, 64, () => this.#swapped());
    this.#words(64, 256, () => this.#expanded());
    for (const [i, variable] of variables.entries()) this.#constant(0).#load(state + i * 4).#set(variable);
    this.#loop(0, 256, () => this.#round());
    for (const [i, variable] of variables.entries()) {
      const at = state + i * 4;
      this.#constant(0).#constant(0).#load(at).#get(variable).#op(opcode.i32Add).#store(at);
    }
    this.#get(block).#constant(64).#op(opcode.i32Add).#tee(block);
    return this.#get(end).#op(op.i32LtU, opcode.brIf, 0, opcode.end, opcode.end).#out;
  }

  /** Stores what `value` leaves for each word. */
  #words(from: number, to: number, value: () => void): void {
    this.#loop(from, to, () => {
      this.#get(round);
      value();
      this.#store(words);
    });
  }

  #loop(from: number, to: number, body: () => void): void {
    this.#constant(from).#set(round).#op(opcode.loop, empty);
    body();
    this.#get(round).#constant(4).#op(opcode.i32Add).#tee(round);
    this.#constant(to).#op(op.i32LtU, opcode.brIf, 0, opcode.end);
  }

  /** In its byte order. */
  #swapped(): void {
    this.#get(block).#get(round).#op(opcode.i32Add).#load(0).#set(word);
    this.#get(word).#constant(24).#op(op.shrU);
    this.#get(word).#constant(8).#op(op.shrU).#constant(0xff00).#op(op.and, op.or);
    this.#get(word).#constant(8).#op(op.shl).#constant(0xff0000).#op(op.and, op.or);
    this.#get(word).#constant(24).#op(op.shl, op.or);
  }

  #expanded(): void {
    const ago = (count: number): this => this.#get(round).#load(words - count * 4);
    ago(16);
    ago(15).#tee(word).#turned(7, 18).#get(word).#constant(3).#op(op.shrU, op.xor, opcode.i32Add);
    ago(7).#op(opcode.i32Add);
    ago(2).#tee(word).#turned(17, 19).#get(word).#constant(10).#op(op.shrU, op.xor, opcode.i32Add);
  }

  #round(): void {
    // h + Σ1(e) + Ch(e, f, g) + constant + word
    this.#get(h).#get(e).#turned(6, 11, 25).#op(opcode.i32Add);
    this.#get(f).#get(g).#op(op.xor).#get(e).#op(op.and).#get(g).#op(op.xor, opcode.i32Add);
    this.#get(round).#load(constants).#op(opcode.i32Add);
    this.#get(round).#load(words).#op(opcode.i32Add).#set(word);
    // Σ0(a) + Maj(a, b, c)
    this.#get(a).#turned(2, 13, 22);
    this.#get(a).#get(b).#op(op.and).#get(a).#get(b).#op(op.or).#get(c).#op(op.and, op.or, opcode.i32Add);
    this.#get(word).#op(opcode.i32Add);
    this.#get(g).#set(h).#get(f).#set(g).#get(e).#set(f).#get(d).#get(word).#op(opcode.i32Add).#set(e);
    this.#get(c).#set(d).#get(b).#set(c).#get(a).#set(b).#set(a);
  }

  /** XOR of the word on the stack turned right by each of these. */
  #turned(first: number, ...others: number[]): this {
    this.#op(op.extendU).#tee(twice).#get(twice).#wide(32).#op(op.i64Shl, op.i64Or).#tee(twice);
    this.#wide(first).#op(op.i64ShrU);
    for (const other of others) this.#get(twice).#wide(other).#op(op.i64ShrU, op.i64Xor);
    return this.#op(op.wrap);
  }

  #op(...bytes: number[]): this {
    for (const byte of bytes) this.#out.u8(byte);
    return this;
  }

  #get(local: number): this {
    this.#out.u8(opcode.localGet).u32(local);
    return this;
  }

  #set(local: number): this {
    this.#out.u8(opcode.localSet).u32(local);
    return this;
  }

  #tee(local: number): this {
    this.#out.u8(opcode.localTee).u32(local);
    return this;
  }

  #constant(value: number): this {
    this.#out.u8(opcode.i32Const).s32(value);
    return this;
  }

  /** A small constant of 64 bits. */
  #wide(value: number): this {
    this.#out.u8(opcode.i64Const).s32(value);
    return this;
  }

  #load(offset: number): this {
    this.#out.u8(opcode.i32Load).u32(2).u32(offset);
    return this;
  }

  #store(offset: number): this {
    this.#out.u8(opcode.i32Store).u32(2).u32(offset);
    return this;
  }
}

const roundConstants = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]; // prettier-ignore
