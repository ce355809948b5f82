import { performance } from "node:perf_hooks";
import type { Socket } from "node:net";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { BodyStream } from "../../../foundation/http/index.ts";
import type { Wire } from "../../wire/wire.ts";
import { lastChunk, sendChunk } from "../../http1/fields.ts";
import { pieceOf, type UploadPace } from "../places/upload-pace.ts";

/**
 * Sends a request's body at the pace of the backend, chunked where its length is not known. True: all of it went
 * out; false: `wanted` said that nobody waits for it any more. Throws where its length is not what was announced.
 */
export async function sendBody(
  socket: Socket,
  wire: Wire,
  body: BodyStream,
  wanted: () => boolean,
  pace: UploadPace,
): Promise<boolean> {
  const chunked = body.length === undefined;
  let left = body.length ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const next = pieceOf(body, pace);
    const piece = next instanceof Promise ? await next : next;
    if (!wanted()) {
      body.cancel();
      return false;
    }
    if (piece === undefined) break;
    left -= piece.length;
    if (left < 0) throw wrongLength("longer");
    if (chunked ? sendChunk(wire, piece) : wire.bytes(piece)) continue;
    const since = performance.now();
    await drained(socket);
    pace.paused(performance.now() - since);
  }
  if (!chunked && left > 0) throw wrongLength("shorter");
  if (chunked) wire.text(lastChunk(body.trailers));
  return true;
}

/** Sends what the client says behind a 101, as it is, and ends our side after it. */
export async function sendRaw(socket: Socket, wire: Wire, stream: BodyStream, wanted: () => boolean): Promise<void> {
  for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) {
    if (!wanted()) return stream.cancel();
    if (!wire.bytes(piece)) await drained(socket);
  }
  socket.end();
}

function wrongLength(how: string): BandstandError {
  return new BandstandError("request-malformed", `the request's body is ${how} than its content-length`);
}

function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
