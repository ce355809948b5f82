import { FileError, type Descriptor } from "../../files/index.ts";
import type { InputSource, OutputSink, Piece } from "../io/index.ts";

/** Bytes that are read at a time, whatever is asked for. */
const largestRead = 64 << 10;
/** What a guest reads lies here until it has got it, in the same call. */
const scratch = Buffer.alloc(largestRead);
/** Bytes that a guest may write without asking again. Files always have room, or it fails. */
const room = 1 << 20;

/** A file from one place on: there is always something to read, or the end. */
export class FileSource implements InputSource {
  failure: FileError | undefined;
  readonly #file: Descriptor;
  #offset: bigint;
  #ended = false;

  constructor(file: Descriptor, offset: bigint) {
    this.#file = file;
    this.#offset = offset;
  }

  ready(): boolean {
    return true;
  }

  take(limit: number, unseen = false): Piece | undefined {
    if (this.#ended) return undefined;
    if (limit === 0) return "";
    const most = Math.min(limit, largestRead);
    const into = unseen ? Buffer.allocUnsafe(most) : scratch.subarray(0, most);
    const size = this.#attempt(() => this.#file.read(into, this.#offset)) ?? 0;
    this.#offset += BigInt(size);
    this.#ended = size === 0;
    return this.#ended ? undefined : into.subarray(0, size);
  }

  close(): void {
    this.#file.close();
  }

  #attempt(read: () => number): number | undefined {
    try {
      return read();
    } catch (error) {
      this.failure = fileError(error);
      return undefined;
    }
  }
}

/** A file, written from one place on or at its end. */
export class FileSink implements OutputSink {
  failure: FileError | undefined;
  readonly #file: Descriptor;
  #offset: bigint | undefined;

  constructor(file: Descriptor, offset: bigint | undefined) {
    this.#file = file;
    this.#offset = offset;
  }

  room(): number | undefined {
    return this.failure === undefined ? room : undefined;
  }

  write(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;) done += this.#some(bytes.subarray(done));
    } catch (error) {
      this.failure = fileError(error);
    }
  }

  push(piece: Piece): void {
    this.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  }

  flushed(): boolean {
    return true;
  }

  #some(bytes: Uint8Array): number {
    if (this.#offset === undefined) return this.#file.append(bytes);
    const size = this.#file.write(bytes, this.#offset);
    this.#offset += BigInt(size);
    return size;
  }
}

function fileError(error: unknown): FileError {
  if (error instanceof FileError) return error;
  throw error;
}
