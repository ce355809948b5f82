import { Draw } from "../../src/wasm/testkit/index.ts";

/** A generator of 32 bits that gives the same for the same seed. */
export function randomOf(seed: number): () => number {
  const draw = new Draw(seed);
  return () => draw.next();
}

type Change = (bytes: Buffer, other: Buffer, random: () => number) => Buffer;

const truncate: Change = (bytes, _, random) => bytes.subarray(0, random() % (bytes.length + 1));

const flip: Change = (bytes, _, random) => {
  for (let n = (random() % 8) + 1; n > 0; n--) bytes[random() % bytes.length]! ^= 1 << (random() & 7);
  return bytes;
};

/** The beginning of one and the end of another. */
const splice: Change = (bytes, other, random) =>
  Buffer.concat([bytes.subarray(0, random() % bytes.length), other.subarray(random() % other.length)]);

/** A span of another somewhere inside. */
const graft: Change = (bytes, other, random) => {
  const from = random() % other.length;
  const span = other.subarray(from, from + (random() % 64) + 1);
  const at = random() % bytes.length;
  return Buffer.concat([bytes.subarray(0, at), span, bytes.subarray(at)]);
};

const cut: Change = (bytes, _, random) => {
  const at = random() % bytes.length;
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (random() % 32) + 1)]);
};

const repeat: Change = (bytes, _, random) => {
  const at = random() % bytes.length;
  const span = bytes.subarray(at, at + (random() % 200) + 1);
  const times = (random() % 40) + 1;
  return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: times }, () => span), bytes.subarray(at)]);
};

/** Numbers of which readers get lengths wrong. */
const numbers = [
  [0x00],
  [0x7f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

const number: Change = (bytes, _, random) => {
  Buffer.from(numbers[random() % numbers.length]!).copy(bytes, random() % bytes.length);
  return bytes;
};

const changes = [truncate, flip, flip, splice, graft, cut, repeat, number, number];

/** A damaged copy of one of the seeds, always the same for the same number. */
export function damaged(seeds: readonly Buffer[], seed: number): Buffer {
  const random = randomOf(seed);
  const pick = (): Buffer => seeds[random() % seeds.length]!;
  let bytes = Buffer.from(pick());
  for (let n = (random() % 3) + 1; n > 0 && bytes.length > 0; n--) {
    bytes = Buffer.from(changes[random() % changes.length]!(bytes, pick(), random));
  }
  return bytes;
}
