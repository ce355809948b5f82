import { FileError } from "./contract.ts";

const largest = 2n ** 63n - 1n;
/** Nine petabytes: Node's numbers go no further, and no file does. */
const furthest = BigInt(Number.MAX_SAFE_INTEGER);

/** A place to read from. */
export function readFrom(offset: bigint): number {
  const unsigned = known(offset);
  return Number(unsigned > furthest ? furthest : unsigned);
}

/** A place to write to, or a new size. */
export function writeTo(offset: bigint): number {
  const unsigned = known(offset);
  if (unsigned > furthest) throw new FileError("file-too-large");
  return Number(unsigned);
}

/** What the operating system takes for negative is no offset. */
export function known(offset: bigint): bigint {
  const unsigned = BigInt.asUintN(64, offset);
  if (unsigned > largest) throw new FileError("invalid", "an offset of 2^63 or more");
  return unsigned;
}
