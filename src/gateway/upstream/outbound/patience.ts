import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type BodyStream, type HttpResponse, type Pending } from "../../../foundation/http/index.ts";
import type { OutboundTimeouts } from "../../../wasm/runtime.ts";

/** Milliseconds, where a guest sets none. */
export const defaultTimeouts = { connect: 5000, firstByte: 30_000, betweenBytes: 30_000 };

/** Ends a request whose head, or next piece of body, does not come in time. */
export async function withPatience(
  response: Pending<HttpResponse>,
  abort: (reason: BandstandError) => void,
  timeouts: OutboundTimeouts,
): Promise<HttpResponse> {
  const firstByte = timeouts.firstByte ?? defaultTimeouts.firstByte;
  const timer = setTimeout(() => abort(late(`no answer within ${firstByte} ms`)), firstByte);
  try {
    const ready = await response;
    const { status, headers, body } = ready;
    if (!isStream(body)) return ready;
    return { status, headers, body: paced(body, abort, timeouts.betweenBytes ?? defaultTimeouts.betweenBytes) };
  } finally {
    clearTimeout(timer);
  }
}

function paced(body: BodyStream, abort: (reason: BandstandError) => void, milliseconds: number): BodyStream {
  return {
    length: body.length,
    cancel: (reason) => body.cancel(reason),
    get trailers() {
      return body.trailers;
    },
    read() {
      const next = body.read();
      if (!(next instanceof Promise)) return next;
      const timer = setTimeout(() => abort(late(`the answer stood still for ${milliseconds} ms`)), milliseconds);
      return next.finally(() => clearTimeout(timer));
    },
  };
}

export function late(what: string, cause?: Error): BandstandError {
  return new BandstandError("backend-timeout", what, cause === undefined ? {} : { cause });
}
