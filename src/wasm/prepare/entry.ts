import { BandstandError } from "../../foundation/errors/index.ts";
import { checksum } from "./checksum.ts";
import type { Isolation, Prepared } from "./prepared.ts";
import { preparedVersion } from "./version.ts";

/** Bytes of an entry: a component at its limit, rewritten, with room. */
export const largestEntry = 512 * 1024 * 1024;

/**
 * One prepared component as one file, so that a start is one read:
 * checksum of all that follows (u64, little endian) · length of the head (u32, little endian) · head as JSON · the modules.
 */
interface Head {
  digest: string;
  isolation: Isolation;
  answersOnce?: boolean;
  manifest: unknown;
  /** Bytes of each module, in order. */
  modules: number[];
}

const sumBytes = 8;
const prefix = sumBytes + 4;

/** Of its file in the store's folder. */
export function entryName(digest: string, isolation: Isolation): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new BandstandError("internal", `expected sha256:<hex> as digest, got ${digest}`);
  return `${hex}.${isolation}.${preparedVersion}`;
}

export function encodeEntry(prepared: Prepared): Uint8Array {
  const head: Head = {
    digest: prepared.digest,
    isolation: prepared.isolation,
    ...(prepared.answersOnce !== undefined && { answersOnce: prepared.answersOnce }),
    manifest: prepared.manifest,
    modules: prepared.modules.map(({ length }) => length),
  };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const rest = Buffer.concat([length, text, ...prepared.modules]);
  const sum = Buffer.alloc(sumBytes);
  sum.writeBigUInt64LE(checksum(rest));
  return Buffer.concat([sum, rest]);
}

/**
 * Undefined where the file is not what was written for this digest. The modules are views.
 * @param isWhole that is known already.
 */
export function decodeEntry(
  bytes: Buffer,
  digest: string,
  isolation: Isolation,
  isWhole = false,
): Prepared | undefined {
  if (bytes.length < prefix) return undefined;
  if (!isWhole && bytes.readBigUInt64LE(0) !== checksum(bytes.subarray(sumBytes))) return undefined;
  const end = prefix + bytes.readUInt32LE(sumBytes);
  if (end > bytes.length) return undefined;
  const head = parse(bytes.toString("utf8", prefix, end));
  if (head?.digest !== digest || head.isolation !== isolation) return undefined;
  let at = end;
  const modules = head.modules.map((length) => bytes.subarray(at, (at += length)));
  if (at !== bytes.length) return undefined;
  const tried = head.answersOnce === undefined ? {} : { answersOnce: head.answersOnce };
  return { digest, isolation, ...tried, manifest: head.manifest, modules };
}

function parse(text: string): Head | undefined {
  try {
    return JSON.parse(text) as Head;
  } catch {
    return undefined;
  }
}
