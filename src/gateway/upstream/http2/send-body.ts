import { performance } from "node:perf_hooks";
import type { ClientHttp2Stream } from "node:http2";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { BodyStream } from "../../../foundation/http/index.ts";
import { pieceOf, type UploadPace } from "../places/upload-pace.ts";
import { trailerFields } from "../../http2/fields.ts";

/** Sends a request's body at the pace of the backend, and its trailers. */
export async function sendBody(stream: ClientHttp2Stream, body: BodyStream, pace: UploadPace): Promise<void> {
  stream.once("wantTrailers", () => stream.sendTrailers(trailerFields(body.trailers)));
  let left = body.length;
  for (let piece = await pieceOf(body, pace); piece !== undefined; piece = await pieceOf(body, pace)) {
    if (stream.destroyed || stream.closed) return body.cancel();
    if (left !== undefined && (left -= piece.length) < 0) throw wrongLength("longer");
    if (stream.write(piece)) continue;
    const since = performance.now();
    await drained(stream);
    pace.paused(performance.now() - since);
  }
  if (left !== undefined && left > 0) throw wrongLength("shorter");
  stream.end();
}

function wrongLength(how: string): BandstandError {
  return new BandstandError("request-malformed", `the request's body is ${how} than its content-length`);
}

function drained(stream: ClientHttp2Stream): Promise<void> {
  if (stream.destroyed || !stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}
