import { FileError, type Descriptor, type DirectoryEntry, type DirectoryReader } from "../../../files/index.ts";
import { FutureReader, HostBytes, HostFuture, HostItems, StreamReader } from "../../../async/index.ts";
import type { Element } from "../../contract.ts";
import { fileFor } from "../../filesystem/file-functions.ts";
import { FileSink, FileSource } from "../../filesystem/streams.ts";
import type { Guest } from "../../guest.ts";
import type { InputSource } from "../../io/index.ts";
import type { GuestMemory } from "../../memory.ts";
import { pour } from "../pour.ts";
import { putHandles, takeStream } from "../hand-over.ts";
import { doneElement, entryElement, putDone, putType } from "./values.ts";

const byteElement: Element = { size: 1, align: 1, plain: true };

/** Tells a guest how it went: whole, or why not. */
class Done extends HostFuture<FileError | undefined> {
  constructor() {
    super(doneElement);
  }

  protected override put(memory: GuestMemory, at: number, error: FileError | undefined): void {
    putDone(memory, at, error);
  }
}

function addFuture(guest: Guest, done: Done): number {
  const reader = new FutureReader(guest.tasks, doneElement, done);
  return (reader.handle = guest.handles.add(reader));
}

/** What cannot be read: it ends at once. */
class Refused implements InputSource {
  readonly failure: FileError;

  constructor(failure: FileError) {
    this.failure = failure;
  }

  ready(): boolean {
    return true;
  }

  take(): undefined {
    return undefined;
  }

  close(): void {}
}

/** Bytes of a file, which is its own until they end: the guest may give the descriptor back before. */
class FileBytes extends HostBytes {
  readonly done = new Done();
  readonly #source: InputSource;

  constructor(file: Descriptor, offset: bigint) {
    super(undefined);
    this.#source = sourceOf(file, offset);
    // Who never reads the stream learns of it too.
    if (this.#source instanceof Refused) this.done.settle(this.#source.failure);
  }

  protected override open(): InputSource {
    return this.#source;
  }

  /** What is read for others than the guest stays theirs. */
  override pull(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const piece = super.pull();
    return piece instanceof Uint8Array ? Buffer.from(piece) : piece;
  }

  protected override ended(failure: unknown): void {
    this.#source.close();
    this.done.settle(failure as FileError | undefined);
  }
}

/** Closed once, at its end or before. */
class OwnSource extends FileSource {
  #closed = false;

  override close(): void {
    if (!this.#closed) super.close();
    this.#closed = true;
  }
}

function sourceOf(file: Descriptor, offset: bigint): InputSource {
  const refusal = refused(() => fileFor(file, "read"));
  return refusal === undefined ? new OwnSource(file.share(), offset) : new Refused(refusal);
}

function refused(act: () => unknown): FileError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

/** `read-via-stream`: a stream and the future of its end, both handles at `result`. */
export function readFile(guest: Guest, memory: GuestMemory, file: Descriptor, offset: bigint, result: number): void {
  const bytes = new FileBytes(file, BigInt.asUintN(64, offset));
  const reader = new StreamReader(guest.tasks, byteElement, bytes);
  reader.handle = guest.handles.add(reader);
  putHandles(memory, result, reader.handle, addFuture(guest, bytes.done));
}

/** A file that tells at once where it cannot be written. */
class TellingSink extends FileSink {
  readonly #done: Done;

  constructor(file: Descriptor, offset: bigint | undefined, done: Done) {
    super(file, offset);
    this.#done = done;
  }

  override write(bytes: Uint8Array): void {
    super.write(bytes);
    if (this.failure !== undefined) this.#done.settle(this.failure);
  }
}

/**
 * `write-via-stream` and `append-via-stream`: the handle of a future that comes when all of the stream is in the file.
 * @param offset undefined: behind whatever the file holds.
 */
export function writeFile(guest: Guest, file: Descriptor, stream: number, offset: bigint | undefined): number {
  const origin = takeStream(guest, stream);
  const done = new Done();
  const refusal = refused(() => fileFor(file, "write"));
  if (refusal === undefined) {
    const sink = new TellingSink(file.share(), offset === undefined ? undefined : BigInt.asUintN(64, offset), done);
    pour(origin, sink, (failure) => {
      file.close();
      done.settle(failure instanceof FileError ? failure : failure === undefined ? undefined : new FileError("io"));
    });
  } else {
    origin.closeReader();
    done.settle(refusal);
  }
  return addFuture(guest, done);
}

/** The entries of a directory, as they are read. */
class Entries extends HostItems<DirectoryEntry> {
  readonly done = new Done();
  #failure: FileError | undefined;
  #reader: DirectoryReader | undefined;

  constructor(directory: Descriptor) {
    super(entryElement.size);
    this.#failure = refused(() => (this.#reader = directory.readDirectory()));
  }

  protected override next(): DirectoryEntry | undefined {
    let entry: DirectoryEntry | undefined;
    this.#failure ??= refused(() => (entry = this.#reader?.next()));
    return entry;
  }

  protected override put(memory: GuestMemory, pointer: number, { name, type }: DirectoryEntry): void {
    const at = memory.at(pointer, entryElement.size, entryElement.align);
    memory.putText(at + 16, name);
    putType(memory, at, type);
  }

  protected override ended(): void {
    this.#reader?.close();
    this.done.settle(this.#failure);
  }
}

/** `read-directory`: a stream and the future of its end, both handles at `result`. */
export function readDirectory(guest: Guest, memory: GuestMemory, directory: Descriptor, result: number): void {
  const entries = new Entries(directory);
  const reader = new StreamReader(guest.tasks, entryElement, entries);
  reader.handle = guest.handles.add(reader);
  putHandles(memory, result, reader.handle, addFuture(guest, entries.done));
}
