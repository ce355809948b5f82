import { BandstandError } from "../../../foundation/errors/index.ts";
import {
  isStream,
  Later,
  take,
  type BodyStream,
  type HttpResponse,
  type Pending,
} from "../../../foundation/http/index.ts";
import { Deadlines, type Timed } from "../../../foundation/time/deadlines.ts";
import { monotonic } from "../../../foundation/time/clock.ts";
import type { OutboundTimeouts } from "../../../wasm/runtime.ts";

/** Milliseconds, where a guest sets none. */
export const defaultTimeouts = { connect: 5000, firstByte: 30_000, betweenBytes: 30_000 };

type Abort = (reason: BandstandError) => void;

/** Those of guests that set none: one timer does for all. */
const usual = new Deadlines();

/** Ends a request whose head, or next piece of body, does not come in time. */
export function withPatience(
  response: Pending<HttpResponse>,
  abort: Abort,
  timeouts: OutboundTimeouts,
): Pending<HttpResponse> {
  const result = new Later<HttpResponse>();
  const came = withinTime(abort, timeouts.firstByte);
  const answered = (ready: HttpResponse): void => {
    came();
    const { body } = ready;
    if (!isStream(body)) return result.resolve(ready);
    const { status, headers } = ready;
    const between = timeouts.betweenBytes ?? defaultTimeouts.betweenBytes;
    result.resolve({ status, headers, body: paced(body, abort, between) });
  };
  const failed = (error: unknown): void => {
    came();
    result.reject(error);
  };
  take(response, answered, failed);
  return result;
}

/** Aborts unless what it answers is called in time. */
function withinTime(abort: Abort, milliseconds: number | undefined): () => void {
  const most = milliseconds ?? defaultTimeouts.firstByte;
  const expired = (): void => abort(late(`no answer within ${most} ms`));
  if (milliseconds === undefined) {
    const timed: Timed = { deadline: monotonic() + most, expired };
    const ticket = usual.add(timed);
    return () => usual.remove(ticket);
  }
  const timer = setTimeout(expired, most);
  return () => clearTimeout(timer);
}

function paced(body: BodyStream, abort: Abort, milliseconds: number): BodyStream {
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
