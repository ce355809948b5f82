import type { Socket } from "node:net";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type BodyStream, type HttpResponse } from "../../../foundation/http/index.ts";
import { draft } from "../../wire/draft.ts";
import { turn } from "../../wire/turn.ts";
import type { Wire } from "../../wire/wire.ts";
import { lastChunk, sendChunk } from "../../http1/fields.ts";

/** Longer texts do not wait for others of their turn. */
const smallText = 4096;

/** Head and complete body in one system call; small ones of one turn together, while it has many. */
export function sendWhole(wire: Wire, head: string, body: string | Uint8Array | undefined): void {
  if (body instanceof Uint8Array) return sendBytes(wire, head, body);
  const text = body === undefined ? head : head + body;
  if (!turn.waits || text.length > smallText) {
    turn.passed();
    return void wire.text(text);
  }
  draft.begin(text.length);
  draft.text(text);
  wire.draft(draft);
}

function sendBytes(wire: Wire, head: string, body: Uint8Array): void {
  const length = head.length + body.length;
  if (length > smallText) return void wire.both(head, body);
  draft.begin(length);
  draft.text(head);
  draft.all(body);
  wire.draft(draft);
}

/** Whole bodies beyond this go out in pieces: a client that takes long for one is seen to take it. */
const largePiece = 128 * 1024;

/** A response whose body is too large for one write, with a body that comes in pieces; all others as they are. */
export function inPieces(response: HttpResponse): HttpResponse {
  const { body } = response;
  if (body === undefined || isStream(body) || body.length <= largePiece) return response;
  let at = 0;
  const pieces: BodyStream = {
    length: body.length,
    trailers: undefined,
    cancel: () => (at = body.length),
    read() {
      if (at >= body.length) return undefined;
      const piece = body.slice(at, (at += largePiece));
      return typeof piece === "string" ? Buffer.from(piece, "latin1") : piece;
    },
  };
  return { status: response.status, headers: response.headers, body: pieces };
}

/**
 * Sends a stream at the pace of the client; `onStall` is told when waiting for it begins and ends.
 * Throws where the body breaks or its length is not what was announced: then its end must not be sent.
 */
export async function sendStream(
  socket: Socket,
  wire: Wire,
  body: BodyStream,
  chunked: boolean,
  onStall: (stalled: boolean) => void,
): Promise<void> {
  let left = body.length;
  for (;;) {
    const next = body.read();
    const piece = next instanceof Promise ? await next : next;
    if (socket.destroyed) return body.cancel();
    if (piece === undefined) break;
    if (piece.length === 0) continue;
    if (left !== undefined && (left -= piece.length) < 0) {
      body.cancel();
      throw new BandstandError("backend-broken", "the response's body is longer than its content-length");
    }
    if (chunked ? sendChunk(wire, piece) : wire.bytes(piece)) continue;
    onStall(true);
    await drained(socket);
    onStall(false);
  }
  if (left !== undefined && left > 0) {
    throw new BandstandError("backend-broken", "the response's body is shorter than its content-length");
  }
  if (chunked) wire.text(lastChunk(body.trailers));
}

function drained(socket: Socket): Promise<void> {
  if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
