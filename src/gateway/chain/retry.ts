import { BandstandError, type ErrorCode } from "../../foundation/errors/index.ts";
import { isStream, type HttpRequest } from "../../foundation/http/index.ts";
import type { RetryPlan } from "../../model/plan/index.ts";
import { discard } from "./discard.ts";
import type { Passage, Stage } from "./passage.ts";
import { RepeatableBody } from "./repeatable-body.ts";

/** Between two tries where the route names no time, doubled each time up to the largest. Milliseconds. */
const firstPause = 25;
const largestPause = 250;

/** Failures of a connection or of one try's time: no status came that `codes` could name. */
const failures: ReadonlySet<ErrorCode> = new Set([
  "backend-unreachable",
  "backend-reset",
  "backend-broken",
  "backend-timeout",
]);

/**
 * `retry` of a rule: N attempts are N + 1 requests at most, whatever their method, as the route's author wishes.
 * What the last one comes to is the answer. A stream that outgrew what is kept of it is not sent again.
 */
export function withRetry(stage: Stage, { attempts, codes, backoff }: RetryPlan): Stage {
  const statuses = new Set(codes);
  return async (request, passage) => {
    const body = isStream(request.body) ? new RepeatableBody(request.body) : undefined;
    for (let attempt = 0; ; attempt++) {
      passage.attempt = attempt;
      // Asked after a try: it is the try that reads the body.
      const mayGoOn = (): boolean => attempt < attempts && body?.repeatable !== false && !passage.aborted;
      try {
        const response = await stage(copyOf(request, body), passage);
        if (!statuses.has(response.status) || !mayGoOn()) return response;
        discard(response);
      } catch (error) {
        if (!isFailure(error, statuses) || !mayGoOn()) {
          body?.cancel(error);
          throw error;
        }
        // Whoever failed is not asked for again.
        passage.endpoint = undefined;
      }
      await pause(backoff ?? Math.min(firstPause * 2 ** attempt, largestPause), passage);
    }
  };
}

/** Stages may change what they are given: each try gets its own. */
function copyOf(request: HttpRequest, body: RepeatableBody | undefined): HttpRequest {
  return { ...request, headers: [...request.headers], body: body === undefined ? request.body : body.open() };
}

function isFailure(error: unknown, statuses: ReadonlySet<number>): boolean {
  if (!(error instanceof BandstandError)) return false;
  return failures.has(error.code) || (error.code.startsWith("component-") && statuses.has(error.status));
}

/** A little longer than asked for, so that many clients do not come back at once. */
function pause(milliseconds: number, passage: Passage): Promise<void> {
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds * (1 + Math.random() / 10));
    passage.onAbort((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}
