import { opcode } from "../binary/opcodes.ts";
import { Writer } from "../binary/writer.ts";

/** In the memory: constants of the rounds, the words of a block, the state, and what is hashed. */
export const [constants, words, state, input] = [0, 256, 512, 1024];

const i32 = 0x7f;
const empty = 0x40;
const op = { i32LtU: 0x49, and: 0x71, or: 0x72, xor: 0x73, shrU: 0x76, rotl: 0x77, rotr: 0x78 };
/** Locals: the block and the end of all, the byte offset of the round, the working variables, and three more. */
const [block, end, round, a, b, c, d, e, f, g, h, word, first, second] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

/** A module with `hash(from, to)`, over the memory that it imports. A bundle holds its bytes instead of this file. */
export function sha256Code(): Uint8Array {
  const out = new Writer().raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(out, 1, new Writer().u32(1).u8(0x60).u32(2).u8(i32).u8(i32).u32(0));
  section(out, 2, new Writer().u32(1).name("").name("memory").u8(2).u8(0).u32(0));
  section(out, 3, new Writer().u32(1).u32(0));
  section(out, 7, new Writer().u32(1).name("hash").u8(0).u32(0));
  const body = hashBody();
  section(out, 10, new Writer().u32(1).u32(body.length).raw(body.view()));
  return out.view();
}

function section(out: Writer, id: number, content: Writer): void {
  out.u8(id).u32(content.length).raw(content.view());
}

/** A loop over blocks, and in it one over the 64 rounds. */
function hashBody(): Writer {
  const out = new Writer(1024).u32(1).u32(12).u8(i32);
  const get = (local: number): Writer => out.u8(opcode.localGet).u32(local);
  const set = (local: number): Writer => out.u8(opcode.localSet).u32(local);
  const constant = (value: number): Writer => out.u8(opcode.i32Const).s32(value);
  const load = (address: number, offset: number): Writer => get(address).u8(opcode.i32Load).u32(2).u32(offset);
  /** XOR of a word turned right by so much, and last either turned or shifted. */
  const sigma = (put: () => void, one: number, two: number, three: number, last: number): void => {
    put();
    constant(one).u8(op.rotr);
    put();
    constant(two).u8(op.rotr).u8(op.xor);
    put();
    constant(three).u8(last).u8(op.xor);
  };
  const variables = [a, b, c, d, e, f, g, h];
  out.u8(opcode.loop).u8(empty);
  for (const [i, variable] of variables.entries()) {
    constant(0)
      .u8(opcode.i32Load)
      .u32(2)
      .u32(state + i * 4);
    set(variable);
  }
  constant(0);
  set(round);
  out.u8(opcode.loop).u8(empty);
  // The word of this round: of the block, in its byte order, and then of those before.
  get(round);
  constant(64).u8(op.i32LtU).u8(opcode.if).u8(empty);
  get(block);
  get(round).u8(opcode.i32Add).u8(opcode.i32Load).u32(2).u32(0);
  set(word);
  get(word);
  constant(8).u8(op.rotl);
  constant(0x00ff00ff).u8(op.and);
  get(word);
  constant(8).u8(op.rotr);
  constant(0xff00ff00).u8(op.and).u8(op.or);
  set(word);
  out.u8(opcode.else);
  load(round, words - 64);
  sigma(() => load(round, words - 60), 7, 18, 3, op.shrU);
  out.u8(opcode.i32Add);
  load(round, words - 28).u8(opcode.i32Add);
  sigma(() => load(round, words - 8), 17, 19, 10, op.shrU);
  out.u8(opcode.i32Add);
  set(word);
  out.u8(opcode.end);
  get(round);
  get(word).u8(opcode.i32Store).u32(2).u32(words);
  // h + Σ1(e) + Ch(e, f, g) + constant + word
  get(h);
  sigma(() => get(e), 6, 11, 25, op.rotr);
  out.u8(opcode.i32Add);
  get(f);
  get(g).u8(op.xor);
  get(e).u8(op.and);
  get(g).u8(op.xor).u8(opcode.i32Add);
  load(round, constants).u8(opcode.i32Add);
  get(word).u8(opcode.i32Add);
  set(first);
  // Σ0(a) + Maj(a, b, c)
  sigma(() => get(a), 2, 13, 22, op.rotr);
  get(a);
  get(b).u8(op.and);
  get(a);
  get(b).u8(op.or);
  get(c).u8(op.and).u8(op.or).u8(opcode.i32Add);
  set(second);
  for (const [to, from] of [[h, g], [g, f], [f, e]] as const) {
    get(from);
    set(to);
  } // prettier-ignore
  get(d);
  get(first).u8(opcode.i32Add);
  set(e);
  for (const [to, from] of [[d, c], [c, b], [b, a]] as const) {
    get(from);
    set(to);
  } // prettier-ignore
  get(first);
  get(second).u8(opcode.i32Add);
  set(a);
  get(round);
  constant(4).u8(opcode.i32Add).u8(opcode.localTee).u32(round);
  constant(256).u8(op.i32LtU).u8(opcode.brIf).u32(0).u8(opcode.end);
  for (const [i, variable] of variables.entries()) {
    const at = state + i * 4;
    constant(0);
    constant(0).u8(opcode.i32Load).u32(2).u32(at);
    get(variable).u8(opcode.i32Add).u8(opcode.i32Store).u32(2).u32(at);
  }
  get(block);
  constant(64).u8(opcode.i32Add).u8(opcode.localTee).u32(block);
  get(end).u8(op.i32LtU).u8(opcode.brIf).u32(0).u8(opcode.end);
  return out.u8(opcode.end);
}
