import { host, waiting, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { InputStream, PollableOn } from "./resources.ts";
import { lengthOf, putLength, putStreamError, sizeResult, streamResult } from "./result.ts";

/** Bytes that one read answers at most: guests ask for anything up to 2^64. */
const largestRead = 64 << 10;

function read(guest: Guest, memory: GuestMemory, stream: InputStream, length: number, result: number): void {
  const at = memory.at(result, streamResult, 4);
  const piece = stream.source.take(Math.min(length, largestRead));
  if (piece === undefined) return putStreamError(guest, memory, at, 4, stream, stream.source.failure);
  memory.putBytes(at + 4, piece);
  memory.view.setUint8(at, 0);
}

function skip(guest: Guest, memory: GuestMemory, stream: InputStream, length: number, result: number): void {
  const at = memory.at(result, sizeResult, 8);
  const piece = stream.source.take(length);
  if (piece === undefined) return putStreamError(guest, memory, at, 8, stream, stream.source.failure);
  memory.view.setUint8(at, 0);
  putLength(memory, at + 8, piece.length);
}

type Take = typeof read;

function now(take: Take): Function {
  return host("iIi", (guest, memory) => (handle: number, length: bigint, result: number) => {
    take(guest, memory, guest.handles.get<InputStream>(handle, "input-stream"), lengthOf(length), result);
  });
}

function blocking(take: Take): Function {
  return waiting("iIi", (guest, memory) => (handle: number, length: bigint, result: number) => {
    const stream = guest.handles.get<InputStream>(handle, "input-stream");
    const wanted = lengthOf(length);
    return guest.waitFor(() => {
      if (wanted > 0 && !stream.ready()) return false;
      take(guest, memory, stream, wanted, result);
      return true;
    });
  });
}

export const inputStream = {
  "[method]input-stream.read": now(read),
  "[method]input-stream.blocking-read": blocking(read),
  "[method]input-stream.skip": now(skip),
  "[method]input-stream.blocking-skip": blocking(skip),
  "[method]input-stream.subscribe": host("i:i", (guest) => (handle: number) => {
    const stream = guest.handles.get<InputStream>(handle, "input-stream");
    return guest.handles.addAs("pollable", new PollableOn(stream), handle, false);
  }),
} satisfies Record<string, Function>;
