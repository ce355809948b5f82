import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const { O_RDONLY, O_NOFOLLOW } = constants;

/**
 * A file that is no link, at once. Its bytes are undefined where it has more than `most`, or was cut meanwhile.
 * Throws what opening and reading throw.
 * @param room gives so many bytes to read into, or more.
 */
export function readWhole(
  path: string,
  most: number,
  room: (size: number) => Buffer = Buffer.allocUnsafeSlow,
): { bytes: Buffer | undefined; size: number; mtimeMs: number } {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW);
  try {
    const { size, mtimeMs } = fstatSync(file);
    if (size > most) return { bytes: undefined, size, mtimeMs };
    const bytes = room(size).subarray(0, size);
    let length = 0;
    for (let count; length < size && (count = readSync(file, bytes, length, size - length, null)) > 0;) length += count;
    return { bytes: length === size ? bytes : undefined, size, mtimeMs };
  } finally {
    closeSync(file);
  }
}
