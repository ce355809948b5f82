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
import { longestTimer, monotonic } from "../../../foundation/time/clock.ts";
import type { OutboundTimeouts } from "../../../wasm/runtime.ts";

/** Milliseconds, where a guest sets none. */
export const defaultTimeouts = { connect: 5000, firstByte: 30_000, betweenBytes: 30_000 };

type Abort = (reason: BandstandError) => void;

/** Those of guests that set none: one timer does for all, and one for all bodies. */
const usual = { firstByte: new Deadlines(), betweenBytes: new Deadlines() };

/** What a guest set as times that timers can have: some say with the largest number there is that they have time. */
export function bounded(timeouts: OutboundTimeouts): OutboundTimeouts {
  const { connect, firstByte, betweenBytes } = timeouts;
  if (connect === undefined && firstByte === undefined && betweenBytes === undefined) return timeouts;
  return {
    ...(connect !== undefined && { connect: Math.min(connect, longestTimer) }),
    ...(firstByte !== undefined && { firstByte: Math.min(firstByte, longestTimer) }),
    ...(betweenBytes !== undefined && { betweenBytes: Math.min(betweenBytes, longestTimer) }),
  };
}

/** Ends a request whose head, or next piece of body, does not come in time. @param timeouts that are bounded. */
export function withPatience(
  response: Pending<HttpResponse>,
  abort: Abort,
  timeouts: OutboundTimeouts,
): Pending<HttpResponse> {
  const result = new Later<HttpResponse>();
  const came = withinTime(abort, "firstByte", timeouts);
  const answered = (ready: HttpResponse): void => {
    came();
    const { body } = ready;
    if (!isStream(body)) return result.resolve(ready);
    const { status, headers } = ready;
    result.resolve({ status, headers, body: paced(body, abort, timeouts) });
  };
  const failed = (error: unknown): void => {
    came();
    result.reject(error);
  };
  take(response, answered, failed);
  return result;
}

/** Aborts unless what it answers is called in time. */
function withinTime(abort: Abort, kind: keyof typeof usual, timeouts: OutboundTimeouts): () => void {
  const set = timeouts[kind];
  const most = set ?? defaultTimeouts[kind];
  const expired = (): void =>
    abort(late(kind === "firstByte" ? `no answer within ${most} ms` : `the answer stood still for ${most} ms`));
  if (set === undefined) {
    const timed: Timed = { deadline: monotonic() + most, expired };
    const ticket = usual[kind].add(timed);
    return () => usual[kind].remove(ticket);
  }
  const timer = setTimeout(expired, most);
  return () => clearTimeout(timer);
}

function paced(body: BodyStream, abort: Abort, timeouts: OutboundTimeouts): BodyStream {
  return {
    length: body.length,
    cancel: (reason) => body.cancel(reason),
    get trailers() {
      return body.trailers;
    },
    read() {
      const next = body.read();
      return next instanceof Promise ? next.finally(withinTime(abort, "betweenBytes", timeouts)) : next;
    },
  };
}

export function late(what: string, cause?: Error): BandstandError {
  return new BandstandError("backend-timeout", what, cause === undefined ? {} : { cause });
}
