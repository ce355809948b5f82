import { constants, input, sha256Code, state } from "./sha256-code.ts";

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
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(sha256Code()), { "": { memory } });
  return { memory, hash: exports["hash"] as Instance["hash"] };
}
