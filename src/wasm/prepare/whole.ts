import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const { O_RDONLY, O_NOFOLLOW } = constants;

/**
 * A file that is no link, at once. Its bytes are undefined where it has more than `most`, or was cut meanwhile.
 * Throws what opening and reading throw.
 */
export function readWhole(path: string, most: number): { bytes: Buffer | undefined; size: number; mtimeMs: number } {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW);
  try {
    const { size, mtimeMs } = fstatSync(file);
    if (size > most) return { bytes: undefined, size, mtimeMs };
    const bytes = Buffer.allocUnsafeSlow(size);
    let length = 0;
    for (let count; length < size && (count = readSync(file, bytes, length, size - length, null)) > 0;) length += count;
    return { bytes: length === size ? bytes : undefined, size, mtimeMs };
  } finally {
    closeSync(file);
  }
}
