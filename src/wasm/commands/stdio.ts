import { fstatSync, read, readSync, writeSync } from "node:fs";
import type { BodyStream } from "../../foundation/http/index.ts";
import { standStill } from "../../foundation/time/stand-still.ts";
import { refusalOf } from "../files/failures.ts";
import type { OutputSink, Piece } from "../host/io/index.ts";

/** Bytes that are read at a time. */
const largestRead = 64 << 10;
const room = 1 << 20;

/**
 * A file descriptor to read from: whatever it is, a read under way holds up nobody. What it is is looked at when it is
 * first read, since that may cost a short command milliseconds, and most read nothing.
 */
export function inputOf(descriptor: number): BodyStream {
  let found: BodyStream | undefined;
  return {
    length: undefined,
    trailers: undefined,
    read: () => (found ??= answersAtOnce(descriptor) ? directInput(descriptor) : waitingInput(descriptor)).read(),
    cancel: (reason) => found?.cancel(reason),
  };
}

/** Files and devices like `/dev/null`, which need no other thread to be read. */
function answersAtOnce(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isCharacterDevice()) return stats.isFile();
    // With it comes all that makes sockets, which a command that reads nothing need not pay for.
    return !process.getBuiltinModule("node:tty").isatty(descriptor);
  } catch {
    return false;
  }
}

function directInput(descriptor: number): BodyStream {
  let ended = false;
  return {
    length: undefined,
    trailers: undefined,
    read() {
      if (ended) return undefined;
      const buffer = Buffer.allocUnsafe(largestRead);
      const size = readSync(descriptor, buffer, 0, buffer.length, null);
      ended = size === 0;
      return ended ? undefined : buffer.subarray(0, size);
    },
    cancel: () => void (ended = true),
  };
}

function waitingInput(descriptor: number): BodyStream {
  let ended = false;
  return {
    length: undefined,
    trailers: undefined,
    async read() {
      const buffer = Buffer.allocUnsafe(largestRead);
      while (!ended) {
        const size = await once(descriptor, buffer);
        if (size > 0) return buffer.subarray(0, size);
        if (size === 0) break;
      }
      return undefined;
    },
    cancel: () => void (ended = true),
  };
}

/** Bytes read; 0: the end; -1: nothing yet, of a descriptor that does not wait. */
function once(descriptor: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, null, (error, size) => {
      if (error === null) return resolve(size);
      if (error.code === "EAGAIN") return setTimeout(resolve, 10, -1);
      // A closed descriptor: nothing is there.
      if (error.code === "EOF" || error.code === "EBADF") return resolve(0);
      return reject(refusalOf(error) ?? error);
    });
  });
}

/** A file descriptor to write to. What was written is with the system when `write` returns. */
export class DescriptorSink implements OutputSink {
  failure: unknown;
  readonly #descriptor: number;
  #closed = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  room(): number | undefined {
    return this.#closed ? undefined : room;
  }

  flushed(): boolean {
    return true;
  }

  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.#closed;) {
      try {
        at += writeSync(this.#descriptor, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // A pipe is full that does not wait by itself.
        if (code === "EAGAIN") standStill(1);
        else this.#close(code === "EPIPE" ? undefined : (refusalOf(error) ?? error));
      }
    }
  }

  push(piece: Piece): void {
    this.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : Buffer.from(piece));
  }

  /** A reader that went away closes it; anything else breaks it. */
  #close(failure: unknown): void {
    this.#closed = true;
    this.failure = failure;
  }
}
