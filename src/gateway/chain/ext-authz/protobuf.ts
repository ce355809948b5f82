/**
 * As much of the encoding of Protocol Buffers as the messages of ext_authz need: varints, and what has a length. Both ends
 * know the numbers of fields; what a reader does not know it passes over.
 */

/** A field to write: text and bytes as they are, messages as fields, numbers as varints. Undefined, 0 and empty texts are left out. */
export type Field = [number: number, value: string | number | Uint8Array | Field[] | undefined];

/** What was read, by number, in the order in which it came. */
export type Fields = Map<number, (bigint | Uint8Array)[]>;

export function encode(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(encodeField));
}

function encodeField([number, value]: Field): Uint8Array[] {
  if (value === undefined || value === "" || value === 0) return [];
  if (typeof value === "number") return [varint(number << 3), varint(value)];
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : Array.isArray(value) ? encode(value) : value;
  return [varint((number << 3) | 2), varint(bytes.length), bytes];
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.of(...bytes, left);
    bytes.push((left % 128) | 128);
  }
}

/** Throws `RangeError` for what is no message. */
export function decode(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError("a number without its end");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw new RangeError("a number that is too long");
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new RangeError("a field that is longer than its message");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const number = Number(tag >> 3n);
    if (number === 0 || number > 0x1fff_ffff) throw new RangeError("a field without a number");
    switch (Number(tag & 7n)) {
      case 0:
        add(fields, number, readVarint());
        break;
      case 1:
        take(8);
        break;
      case 2:
        add(fields, number, take(Number(readVarint())));
        break;
      case 5:
        take(4);
        break;
      default:
        throw new RangeError("a field of a kind that nobody knows");
    }
  }
  return fields;
}

function add(fields: Fields, number: number, value: bigint | Uint8Array): void {
  fields.getOrInsertComputed(number, () => []).push(value);
}

/** All of a field that are bytes. */
export function all(fields: Fields, number: number): Uint8Array[] {
  return (fields.get(number) ?? []).filter((value) => typeof value !== "bigint");
}

/** The message in a field, the last if there are several; undefined: it is not there. */
export function message(fields: Fields, number: number): Fields | undefined {
  const bytes = all(fields, number).at(-1);
  return bytes && decode(bytes);
}

export function text(fields: Fields, number: number): string {
  return Buffer.from(all(fields, number).at(-1) ?? []).toString("utf8");
}

export function integer(fields: Fields, number: number): number {
  const value = fields.get(number)?.findLast((each) => typeof each === "bigint");
  return value === undefined ? 0 : Number(BigInt.asIntN(64, value));
}
