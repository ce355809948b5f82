import type { Problem } from "../problem/problem.ts";

/** A file of desired state as it was read. `path` is relative to the site's folder. */
export interface SourceFile {
  path: string;
  bytes: Uint8Array;
}

/** Files above this many bytes are not parsed. */
export const fileSizeLimit = 5 * 1024 * 1024;

/** Text of a file without its byte order mark, or the problem that stands in the way. */
export function decode(file: SourceFile): { text: string } | { problem: Problem } {
  const { path, bytes } = file;
  if (bytes.length > fileSizeLimit) return { problem: tooLarge(path, bytes.length) };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text };
  } catch {
    return { problem: notUtf8(path, bytes) };
  }
}

/** The problem of a file above the limit; `size` in bytes. */
export function tooLarge(path: string, size: number): Problem {
  return {
    severity: "error",
    code: "file-too-large",
    message: `the file has ${(size / 1024 ** 2).toFixed(1)} MiB; expected at most ${fileSizeLimit / 1024 ** 2} MiB`,
    remedy: "Split it, or move data that is not configuration into a volume or an image.",
    file: path,
  };
}

function notUtf8(path: string, bytes: Uint8Array): Problem {
  const offset = firstInvalid(bytes);
  const before = bytes.subarray(0, offset);
  const line = before.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 1);
  const start = before.lastIndexOf(0x0a) + 1;
  const column = [...new TextDecoder().decode(before.subarray(start))].length + 1;
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const got = utf16 ? "UTF-16" : `byte 0x${bytes[offset]?.toString(16).padStart(2, "0")}`;
  const message = `expected UTF-8, got ${got}`;
  return {
    severity: "error",
    code: "file-not-utf8",
    message,
    remedy: "Save the file as UTF-8; binary data belongs into binaryData as base64.",
    file: path,
    ...(utf16 ? {} : { line, column }),
  };
}

/** Offset of the first byte that begins no UTF-8 sequence: bisection over prefixes. */
function firstInvalid(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // What begins a character that never ends is the culprit, not the byte after it.
  while (good > 0 && (bytes[good - 1]! & 0xc0) === 0x80 && !isWhole(bytes.subarray(0, good))) good--;
  return good > 0 && !isWhole(bytes.subarray(0, good)) ? good - 1 : good;
}

function isWhole(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether the bytes are UTF-8, perhaps cut inside the last character. */
function isPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
