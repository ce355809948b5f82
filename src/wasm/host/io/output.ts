import { host, waiting, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import type { InputStream } from "./resources.ts";
import { OutputStream, PollableOn } from "./resources.ts";
import type { OutputSink } from "./sink.ts";
import type { InputSource, Piece } from "./source.ts";
import { lengthOf, putLength, putStreamError, sizeResult, streamResult } from "./result.ts";

/** What `blocking-write-and-flush` takes at most, by its specification. */
const largestBlocking = 4096;
/** Bytes of a `write` before which nobody asked whether there is room for them. */
const largestUnasked = 1 << 20;
const zeroes = Buffer.alloc(64 << 10);

function streamOf(guest: Guest, handle: number): OutputStream {
  return guest.handles.get<OutputStream>(handle, "output-stream");
}

/** Ends a call with `ok`, or with the error where the stream is closed. */
function finish(guest: Guest, memory: GuestMemory, stream: OutputStream, at: number): void {
  if (stream.sink.room() === undefined) putStreamError(guest, memory, at, 4, stream, stream.sink.failure);
  else memory.view.setUint8(at, 0);
}

/**
 * The stream for a `write`, whose precondition is that `check-write` allowed as much. SDKs exist that never ask, and flush after
 * each write instead (wasmCloud's for Go, built with TinyGo): they get what they would have been allowed, or one piece where
 * there is any room. Other hosts take those too.
 */
function permitted(guest: Guest, handle: number, length: number): OutputStream {
  const stream = streamOf(guest, handle);
  const { permit } = stream;
  if (length > permit && !hasRoomUnasked(stream, length)) {
    throw guest.fail("component-trapped", `wrote ${length} bytes where check-write allowed ${permit}`);
  }
  stream.permit = Math.max(permit - length, 0);
  return stream;
}

function hasRoomUnasked({ permit, sink }: OutputStream, length: number): boolean {
  // Where it is closed, that is what the guest is told.
  const room = sink.room() ?? length;
  return length <= room || (permit === 0 && room > 0 && length <= largestUnasked);
}

/** Up to so many bytes V8 has room for in the array itself. */
const short = 64;

/** Hands what stands in the guest's memory to who takes it. */
function put(memory: GuestMemory, sink: OutputSink, pointer: number, size: number): void {
  if (size <= short && sink.keep !== undefined) sink.keep(memory.copy(pointer, size));
  else sink.write(memory.slice(pointer, size));
}

/** Waits for room, writes at most 4096 bytes, and waits until they are on their way. @param write writes them; undefined: they are written. */
function writeAndFlush(guest: Guest, memory: GuestMemory, stream: OutputStream, at: number, write?: () => void) {
  let due = write;
  return guest.waitFor(() => {
    const { sink } = stream;
    const room = sink.room();
    if (room !== undefined && due !== undefined) {
      if (room === 0) return false;
      due();
      due = undefined;
    }
    if (sink.room() !== undefined && !sink.flushed()) return false;
    finish(guest, memory, stream, at);
    return true;
  });
}

function checkBlocking(guest: Guest, length: number): void {
  if (length <= largestBlocking) return;
  throw guest.fail("component-trapped", `a blocking write of ${length} bytes, at most ${largestBlocking} are allowed`);
}

function pass(sink: OutputSink, source: InputSource, piece: Piece): void {
  if (source.lends === true && typeof piece !== "string")
    sink.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length), true);
  else sink.push(piece);
}

/** Moves a piece from one stream to the other, without the guest seeing it. Answers its length; undefined: `from` is at its end. */
function move(to: OutputStream, from: InputStream, limit: number): number | undefined {
  const piece = from.source.take(limit, true);
  if (piece === undefined) return undefined;
  if (piece.length > 0) pass(to.sink, from.source, piece);
  return piece.length;
}

function splice(guest: Guest, memory: GuestMemory, to: OutputStream, from: InputStream, limit: number, at: number) {
  const room = to.sink.room();
  if (room === undefined) return putStreamError(guest, memory, at, 8, to, to.sink.failure);
  const moved = move(to, from, Math.min(limit, room));
  if (moved === undefined) return putStreamError(guest, memory, at, 8, from, from.source.failure);
  putMoved(memory, at, moved);
}

function putMoved(memory: GuestMemory, at: number, bytes: number): void {
  memory.view.setUint8(at, 0);
  putLength(memory, at + 8, bytes);
}

/** A guest that asks for so many bytes wants all that there are. */
const all = lengthOf(-1n);

/**
 * All of one body into the other, as it comes: a guest that wants all of it has nothing to do in between, and entering it
 * for each piece costs more than the piece. What was moved is told once there is no more, or nobody who takes it.
 */
class WholeSplice {
  readonly #guest: Guest;
  readonly #memory: GuestMemory;
  readonly #to: OutputStream;
  readonly #from: InputStream;
  readonly #at: number;
  #total = 0;

  constructor(guest: Guest, memory: GuestMemory, to: OutputStream, from: InputStream, at: number) {
    this.#guest = guest;
    this.#memory = memory;
    this.#to = to;
    this.#from = from;
    this.#at = at;
  }

  /** Moves what can be moved now; true: that was all, and is told. */
  goOn(): boolean {
    const to = this.#to;
    const from = this.#from;
    for (;;) {
      const room = to.sink.room();
      if (room === 0 || (room !== undefined && !from.ready())) return false;
      const moved = room === undefined ? undefined : move(to, from, room);
      if (moved === undefined) break;
      this.#total += moved;
    }
    if (this.#total > 0) putMoved(this.#memory, this.#at, this.#total);
    else splice(this.#guest, this.#memory, to, from, 0, this.#at);
    return true;
  }
}

function spliceAll(guest: Guest, memory: GuestMemory, to: OutputStream, from: InputStream, at: number) {
  const splicing = new WholeSplice(guest, memory, to, from, at);
  // Mostly all of it is there.
  return guest.failure === undefined && splicing.goOn() ? undefined : guest.waitFor(() => splicing.goOn());
}

function spliceSome(guest: Guest, memory: GuestMemory, to: OutputStream, from: InputStream, limit: number, at: number) {
  return guest.waitFor(() => {
    if (!to.ready() || (to.sink.room() !== undefined && !from.ready())) return false;
    splice(guest, memory, to, from, limit, at);
    return true;
  });
}

export const outputStream = {
  "[method]output-stream.check-write": host("ii", (guest, memory) => (handle: number, result: number) => {
    const stream = streamOf(guest, handle);
    const at = memory.at(result, sizeResult, 8);
    const room = stream.sink.room();
    if (room === undefined) return putStreamError(guest, memory, at, 8, stream, stream.sink.failure);
    stream.permit = room;
    memory.view.setUint8(at, 0);
    putLength(memory, at + 8, room);
  }),
  "[method]output-stream.write": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const stream = permitted(guest, handle, size >>> 0);
      const at = memory.at(result, streamResult, 4);
      if (stream.sink.room() !== undefined) put(memory, stream.sink, pointer, size >>> 0);
      finish(guest, memory, stream, at);
    },
  ),
  "[method]output-stream.blocking-write-and-flush": waiting(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const length = size >>> 0;
      checkBlocking(guest, length);
      const stream = streamOf(guest, handle);
      const at = memory.at(result, streamResult, 4);
      const { sink } = stream;
      // Mostly there is room, and nothing to wait for.
      if (guest.failure !== undefined || (sink.room() ?? 0) === 0) {
        return writeAndFlush(guest, memory, stream, at, () => put(memory, sink, pointer, length));
      }
      put(memory, sink, pointer, length);
      if (sink.room() !== undefined && !sink.flushed()) return writeAndFlush(guest, memory, stream, at);
      return finish(guest, memory, stream, at);
    },
  ),
  // Flushing is what the host does anyway: nothing lies where a flush would push it on.
  "[method]output-stream.flush": host("ii", (guest, memory) => (handle: number, result: number) => {
    finish(guest, memory, streamOf(guest, handle), memory.at(result, streamResult, 4));
  }),
  "[method]output-stream.blocking-flush": waiting("ii", (guest, memory) => (handle: number, result: number) => {
    const stream = streamOf(guest, handle);
    const at = memory.at(result, streamResult, 4);
    return guest.waitFor(() => {
      if (stream.sink.room() !== undefined && !stream.sink.flushed()) return false;
      finish(guest, memory, stream, at);
      return true;
    });
  }),
  "[method]output-stream.subscribe": host("i:i", (guest) => (handle: number) => {
    const stream = streamOf(guest, handle);
    return guest.handles.addAs("pollable", new PollableOn(stream), handle, false);
  }),
  "[method]output-stream.write-zeroes": host(
    "iIi",
    (guest, memory) => (handle: number, length: bigint, result: number) => {
      const size = lengthOf(length);
      const stream = permitted(guest, handle, size);
      const at = memory.at(result, streamResult, 4);
      if (stream.sink.room() !== undefined) stream.sink.write(zeroesOf(size));
      finish(guest, memory, stream, at);
    },
  ),
  "[method]output-stream.blocking-write-zeroes-and-flush": waiting(
    "iIi",
    (guest, memory) => (handle: number, length: bigint, result: number) => {
      const size = lengthOf(length);
      checkBlocking(guest, size);
      const stream = streamOf(guest, handle);
      const at = memory.at(result, streamResult, 4);
      return writeAndFlush(guest, memory, stream, at, () => stream.sink.write(zeroesOf(size)));
    },
  ),
  "[method]output-stream.splice": host(
    "iiIi",
    (guest, memory) => (handle: number, source: number, length: bigint, result: number) => {
      const from = guest.handles.get<InputStream>(source, "input-stream");
      const at = memory.at(result, sizeResult, 8);
      splice(guest, memory, streamOf(guest, handle), from, lengthOf(length), at);
    },
  ),
  "[method]output-stream.blocking-splice": waiting(
    "iiIi",
    (guest, memory) => (handle: number, source: number, length: bigint, result: number) => {
      const from = guest.handles.get<InputStream>(source, "input-stream");
      const to = streamOf(guest, handle);
      const at = memory.at(result, sizeResult, 8);
      const limit = lengthOf(length);
      if (limit === all && to.isBody && from.isBody) return spliceAll(guest, memory, to, from, at);
      return spliceSome(guest, memory, to, from, limit, at);
    },
  ),
} satisfies Record<string, Function>;

function zeroesOf(size: number): Buffer {
  return size <= zeroes.length ? (zeroes.subarray(0, size) as Buffer) : Buffer.alloc(size);
}
