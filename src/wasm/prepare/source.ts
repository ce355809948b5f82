import { checksum } from "./checksum.ts";
import { decodeEntry } from "./entry.ts";
import type { Isolation, Prepared } from "./prepared.ts";
import { preparedVersion } from "./version.ts";

/** Bytes of an entry up to which it stands beside the source too. */
const mostBeside = 256 * 1024;
const samples = 512;

/**
 * A component as it came, behind its digest, in the folder of what is prepared: whoever has the same bytes need not hash them, which
 * takes a start longer than all else that it does with them. Found by a few of its bytes, and then compared byte for byte.
 */
export function sourceName(bytes: Uint8Array): string {
  const step = Math.ceil(bytes.length / samples) | 1;
  let mixed = 0;
  for (let at = 0; at < bytes.length; at += step) mixed = Math.imul(mixed ^ bytes[at]!, 16_777_619);
  return nameOf(`${bytes.length.toString(36)}-${(mixed >>> 0).toString(36)}`);
}

/** Of those whose first name is taken by another one, like the same program with another number in it. */
export function secondSourceName(bytes: Uint8Array): string {
  return nameOf(checksum(bytes).toString(16));
}

function nameOf(key: string): string {
  return `${key}.source.${preparedVersion}`;
}

const digestForm = /^sha256:[0-9a-f]{64}$/;
const digestBytes = "sha256:".length + 64;
/** The digest, and how long the source is: more follows it, and one component may begin with another one. */
const headBytes = digestBytes + 4;

/**
 * @param entry what was prepared of it. It stands there twice where it is small: then one file is all that is read, and what was
 *   damaged is told by comparing, for which nothing must be compiled as for a checksum.
 */
export function encodeSource(digest: string, bytes: Uint8Array, entry: Uint8Array): Uint8Array {
  const beside = entry.length > mostBeside ? [] : [entry, entry];
  const head = Buffer.alloc(headBytes, digest, "latin1");
  head.writeUInt32LE(bytes.length, digestBytes);
  return Buffer.concat([head, bytes, ...beside]);
}

/** The digest of these bytes; undefined where the file is of others, or damaged. */
export function digestFrom(file: Buffer, bytes: Uint8Array): string | undefined {
  if (file.length < headBytes || file.readUInt32LE(digestBytes) !== bytes.length) return undefined;
  // Cut off where it is too short, which is seen too.
  if (!file.subarray(headBytes, headBytes + bytes.length).equals(bytes)) return undefined;
  return digestIn(file);
}

/** Of what the file is, whatever follows. */
export function digestIn(file: Buffer): string | undefined {
  const digest = file.toString("latin1", 0, digestBytes);
  return digestForm.test(digest) ? digest : undefined;
}

/** What was prepared, where it stands beside the source, which has so many bytes. */
export function preparedFrom(file: Buffer, bytes: number, digest: string, isolation: Isolation): Prepared | undefined {
  const at = headBytes + bytes;
  const middle = (at + file.length) / 2;
  if (middle === at) return undefined;
  const entry = file.subarray(at, middle);
  return entry.equals(file.subarray(middle)) ? decodeEntry(entry, digest, isolation, true) : undefined;
}
