import { checksum } from "./checksum.ts";
import { preparedVersion } from "./version.ts";

/**
 * A component as it came, behind its digest, in the folder of what is prepared: whoever has the same bytes need not hash them, which
 * takes a start longer than all else that it does with them. Found by a checksum, and then compared byte for byte.
 */
export function sourceName(bytes: Uint8Array): string {
  return `${checksum(bytes).toString(16)}.source.${preparedVersion}`;
}

const digestForm = /^sha256:[0-9a-f]{64}$/;
const digestBytes = "sha256:".length + 64;

export function encodeSource(digest: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(digest, "latin1"), bytes]);
}

/** The digest of these bytes; undefined where the file is of others, or damaged. */
export function digestFrom(file: Buffer, bytes: Uint8Array): string | undefined {
  if (file.length !== digestBytes + bytes.length || !file.subarray(digestBytes).equals(bytes)) return undefined;
  const digest = file.toString("latin1", 0, digestBytes);
  return digestForm.test(digest) ? digest : undefined;
}
