import { FileError } from "../../files/contract.ts";
import { host, waiting, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { descriptorsOf } from "./world.ts";
import type { File, Input, Output } from "./descriptors.ts";
import { errno } from "./errno-numbers.ts";
import { attempt, errnoOf, Refused } from "./errno.ts";
import { fdFlags } from "./flags.ts";
import { right } from "./rights.ts";
import { piecesOf, spansOf } from "./vectors.ts";

/** Bytes that a file may be read into at a time. */
type Reading = (into: Buffer, done: number) => number;

/** Fills one buffer after the other until there is no more. */
function fill(memory: GuestMemory, vectors: number, count: number, read: Reading): number {
  let done = 0;
  for (const { pointer, size } of spansOf(memory, vectors, count)) {
    const at = memory.at(pointer, size);
    const got = read(memory.bytes.subarray(at, at + size) as Buffer, done);
    done += got;
    if (got < size) break;
  }
  return done;
}

function putSize(memory: GuestMemory, result: number, size: number): void {
  memory.view.setUint32(memory.at(result, 4, 4), size, true);
}

function readFile(memory: GuestMemory, open: File, vectors: number, count: number): number {
  const done = fill(memory, vectors, count, (into, read) => open.file.read(into, open.position + BigInt(read)));
  open.position += BigInt(done);
  return done;
}

/** What came of stdin until now; undefined: nothing, but something may come. */
function readInput(memory: GuestMemory, { source }: Input, vectors: number, count: number): number | undefined {
  const spans = spansOf(memory, vectors, count);
  if (spans.length > 0 && !source.ready()) return undefined;
  let done = 0;
  for (const { pointer, size } of spans) {
    if (done > 0 && !source.ready()) break;
    const piece = source.take(size);
    if (piece === undefined) {
      if (source.failure !== undefined && done === 0) throw refusalOf(source.failure);
      break;
    }
    const at = memory.at(pointer, piece.length);
    if (typeof piece === "string") memory.bytes.write(piece, at, piece.length, "latin1");
    else memory.bytes.set(piece, at);
    done += piece.length;
    if (piece.length < size) break;
  }
  return done;
}

/** Writes what has room; undefined: nothing has. */
function writeOutput(memory: GuestMemory, { sink }: Output, vectors: number, count: number): number | undefined {
  const pieces = piecesOf(memory, vectors, count);
  let done = 0;
  for (const piece of pieces) {
    const room = sink.room();
    if (room === undefined) {
      if (done > 0) break;
      throw brokenBy(sink.failure);
    }
    if (room === 0) break;
    const part = piece.subarray(0, room);
    sink.write(part);
    // It may have found out only now that nobody reads it.
    if (sink.room() === undefined && done === 0) throw brokenBy(sink.failure);
    done += part.length;
    if (part.length < piece.length) break;
  }
  return done === 0 && pieces.length > 0 ? undefined : done;
}

function writeFile(memory: GuestMemory, open: File, vectors: number, count: number): number {
  const appends = (open.flags & fdFlags.append) !== 0;
  const write = (piece: Buffer, done: number): number =>
    appends ? open.file.append(piece) : open.file.write(piece, open.position + BigInt(done));
  const done = writeAll(memory, vectors, count, write);
  open.position = appends ? open.file.stat().size : open.position + BigInt(done);
  return done;
}

function writeAll(
  memory: GuestMemory,
  vectors: number,
  count: number,
  write: (piece: Buffer, done: number) => number,
): number {
  let done = 0;
  for (const piece of piecesOf(memory, vectors, count)) {
    const written = write(piece, done);
    done += written;
    if (written < piece.length) break;
  }
  return done;
}

/** Answers how many bytes went, at once or when some could. @param go undefined: none can yet. */
function transfer(
  guest: Guest,
  memory: GuestMemory,
  result: number,
  mayWait: boolean,
  go: () => number | undefined,
): number | Promise<number> {
  let outcome = errno.again;
  const attemptOnce = (): boolean => {
    try {
      const size = go();
      if (size === undefined) return false;
      putSize(memory, result, size);
      outcome = errno.success;
    } catch (error) {
      outcome = errnoOf(error);
    }
    return true;
  };
  if (!mayWait) {
    attemptOnce();
    return outcome;
  }
  const waits = guest.waitFor(attemptOnce);
  return waits === undefined ? outcome : waits.then(() => outcome);
}

function waitsFor({ flags }: Input | Output): boolean {
  return (flags & fdFlags.nonblock) === 0;
}

/** It was opened to be written. */
function mayWrite({ base }: File): boolean {
  return (base & right.fd_write) !== 0;
}

/** Whole numbers up to 2^64, which come as negative ones beyond 2^63. */
export function unsigned(offset: bigint): bigint {
  return BigInt.asUintN(64, offset);
}

export const streamFunctions: Record<string, Function> = {
  fd_read: waiting("iiii:i", (guest, memory) => (fd: number, vectors: number, count: number, result: number) => {
    try {
      const open = descriptorsOf(guest).get(fd, "fd_read");
      if (open.kind === "file") {
        putSize(memory, result, readFile(memory, open, vectors, count));
        return errno.success;
      }
      if (open.kind !== "input") return errno.badf;
      return transfer(guest, memory, result, waitsFor(open), () => readInput(memory, open, vectors, count));
    } catch (error) {
      return errnoOf(error);
    }
  }),
  fd_write: waiting("iiii:i", (guest, memory) => (fd: number, vectors: number, count: number, result: number) => {
    try {
      const open = descriptorsOf(guest).get(fd, "fd_write");
      if (open.kind === "file") {
        if (!mayWrite(open)) return errno.badf;
        putSize(memory, result, writeFile(memory, open, vectors, count));
        return errno.success;
      }
      if (open.kind !== "output") return errno.badf;
      return transfer(guest, memory, result, waitsFor(open), () => writeOutput(memory, open, vectors, count));
    } catch (error) {
      return errnoOf(error);
    }
  }),
  fd_pread: host(
    "iiiIi:i",
    (guest, memory) => (fd: number, vectors: number, count: number, offset: bigint, result: number) =>
      attempt(() => {
        const { file } = descriptorsOf(guest).file(fd, "fd_read", "spipe");
        const from = unsigned(offset);
        const done = fill(memory, vectors, count, (into, read) => file.read(into, from + BigInt(read)));
        putSize(memory, result, done);
      }),
  ),
  fd_pwrite: host(
    "iiiIi:i",
    (guest, memory) => (fd: number, vectors: number, count: number, offset: bigint, result: number) =>
      attempt(() => {
        const open = descriptorsOf(guest).file(fd, "fd_write", "spipe");
        if (!mayWrite(open)) throw new Refused("badf");
        const { file, flags } = open;
        const from = unsigned(offset);
        const write = (piece: Buffer, done: number): number =>
          // As under Linux, where appending goes before the place that was named.
          (flags & fdFlags.append) === 0 ? file.write(piece, from + BigInt(done)) : file.append(piece);
        putSize(memory, result, writeAll(memory, vectors, count, write));
      }),
  ),
};

/** Why nothing can be written any more: whoever read went away, or what is full, too large, not there any more. */
function brokenBy(failure: unknown): Error {
  return failure === undefined ? new Refused("pipe") : refusalOf(failure);
}

function refusalOf(failure: unknown): Error {
  return failure instanceof FileError ? failure : new Refused("io");
}
