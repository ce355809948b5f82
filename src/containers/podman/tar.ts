import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { ContextEntry } from "../../foundation/files/index.ts";

const block = 512;

/** A folder's entries as a tar stream (POSIX.1-2001, pax headers for long names), without owners and times: same folder, same bytes. */
export async function* tarOf(folder: string, entries: readonly ContextEntry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const link = entry.type === "link" ? entry.target : "";
    const size = entry.type === "file" ? entry.size : 0;
    const name = entry.type === "folder" ? `${entry.path}/` : entry.path;
    if (Buffer.byteLength(name) > 100 || Buffer.byteLength(link) > 100) {
      const records = Buffer.from(record("path", name) + (link === "" ? "" : record("linkpath", link)));
      yield header("pax", { mode: 0o644, size: records.length, type: "x", link: "" });
      yield padded(records);
    }
    const type = { file: "0", folder: "5", link: "2" }[entry.type];
    yield header(name, { mode: entry.mode, size, type, link });
    if (entry.type === "file") yield* contents(join(folder, entry.path), size);
  }
  yield Buffer.alloc(2 * block);
}

/** Exactly `size` bytes: a file that changes meanwhile must not shift what follows. */
async function* contents(path: string, size: number): AsyncGenerator<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    let left = size;
    while (left > 0) {
      const buffer = Buffer.alloc(Math.min(left, 65_536));
      const { bytesRead } = await handle.read(buffer);
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`);
      yield buffer.subarray(0, bytesRead);
      left -= bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (size % block !== 0) yield Buffer.alloc(block - (size % block));
}

function header(
  name: string,
  { mode, size, type, link }: { mode: number; size: number; type: string; link: string },
): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100);
  bytes.write(octal(mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(size, 11), 124);
  bytes.write(octal(0, 11), 136);
  bytes.write("        ", 148);
  bytes.write(type, 156);
  bytes.write(link, 157, 100);
  bytes.write("ustar\u000000", 257, "latin1");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\u0000 `, 148);
  return bytes;
}

/** `length key=value\n`, the length counting itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const guess = bytes + String(bytes).length;
  return `${bytes + String(guess).length}${rest}`;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((block - (bytes.length % block)) % block)]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
