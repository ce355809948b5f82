import { opcode } from "../binary/opcodes.ts";
import { Writer } from "../binary/writer.ts";

/**
 * SHA-256 (FIPS 180-4) in WebAssembly, made here: to load `node:crypto` takes a command that starts 4 ms, this for
 * 100 kB less than one. It hashes 150 MB/s, so that it is for small inputs. At most `mostBytes`.
 */
export function sha256OfFew(bytes: Uint8Array): Buffer {
  const { memory, hash } = (instance ??= make());
  const blocks = (bytes.length + 9 + 63) >> 6;
  const view = new DataView(memory.buffer);
  new Uint8Array(memory.buffer, input, blocks << 6).fill(0, bytes.length).set(bytes);
  view.setUint8(input + bytes.length, 0x80);
  view.setUint32(input + (blocks << 6) - 4, bytes.length * 8);
  for (const [i, word] of initial.entries()) view.setUint32(state + i * 4, word, true);
  hash(input, input + (blocks << 6));
  const digest = Buffer.alloc(32);
  for (let at = 0; at < 32; at += 4) digest.writeUInt32BE(view.getUint32(state + at, true), at);
  return digest;
}

/** Bytes that fit beside the tables. */
export const mostBytes = 256 << 10;

interface Instance {
  memory: WebAssembly.Memory;
  hash: (from: number, to: number) => void;
}

let instance: Instance | undefined;

/** In the memory: constants of the rounds, the words of a block, the state, and what is hashed. */
const [constants, words, state, input] = [0, 256, 512, 1024];
const initial = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]; // prettier-ignore
const rounds = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]; // prettier-ignore

function make(): Instance {
  const memory = new WebAssembly.Memory({ initial: 1 + ((mostBytes + input) >> 16) + 1 });
  const table = new DataView(memory.buffer);
  for (const [i, word] of rounds.entries()) table.setUint32(constants + i * 4, word, true);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { "": { memory } });
  return { memory, hash: exports["hash"] as Instance["hash"] };
}

const i32 = 0x7f;
const empty = 0x40;
const op = { i32LtU: 0x49, and: 0x71, or: 0x72, xor: 0x73, shrU: 0x76, rotl: 0x77, rotr: 0x78 };
/** Locals: the block and the end of all, the byte offset of the round, the working variables, and three more. */
const [block, end, round, a, b, c, d, e, f, g, h, word, first, second] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

function moduleBytes(): Uint8Array {
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
