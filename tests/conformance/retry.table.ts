import { get, type Row } from "./table.ts";

/** A line of the table, and how many requests the backend must get. */
export interface RetryRow extends Row {
  requests: number;
}

let count = 0;
const line = (
  test: string,
  rule: string,
  path: string,
  status: number,
  requests: number,
  more: { method?: string; body?: string } = {},
): RetryRow => ({
  test,
  rule,
  ask: get(`retry.example/${path}&uuid=${count++}`, {}, more),
  expected: { status },
  requests,
});

const codes = [500, 502, 503, 504];
const post = { method: "POST", body: "x".repeat(30_000) };

export const retries: RetryRow[] = [
  line("HTTPRouteRetry", "the backend recovers in time", "code-500-attempts-3?status=500&fail=2", 200, 3),
  line("HTTPRouteRetry", "the last answer counts", "code-500-attempts-3?status=500&fail=4", 500, 4),
  line("HTTPRouteRetry", "only the codes that are listed", "code-500-attempts-3?status=503&fail=2", 503, 1),
  ...codes.map((code) => line("HTTPRouteRetry", `${code} once`, `code-all-attempts-2?status=${code}&fail=1`, 200, 2)),
  ...codes.map((code) =>
    line("HTTPRouteRetry", `${code} too often`, `code-all-attempts-2?status=${code}&fail=3`, code, 3),
  ),
  line("HTTPRouteRetry", "a body is sent again", "code-500-attempts-3?status=500&fail=2", 200, 3, post),
  line("HTTPRouteRetryConnectionError", "resets are retried", "no-code-attempts-3?reset&fail=2", 200, 3),
  line("HTTPRouteRetryConnectionError", "but not for ever", "no-code-attempts-3?reset&fail=4", 503, 4),
  line("HTTPRouteRetryConnectionError", "a refused connection", "closed?a=b", 503, 0),
  line("HTTPRouteRetryBackendTimeout", "a slow backend that recovers", "backend-timeout?slow=600&fail=2", 200, 3),
  line("HTTPRouteRetryBackendTimeout", "but not for ever", "backend-timeout?slow=600&fail=3", 504, 3),
  line("HTTPRouteRetryBackendTimeout", "within the request's timeout", "request-timeout?status=500&fail=1", 200, 2),
  line("HTTPRouteRetryBackendTimeout", "not beyond it", "request-timeout?status=500&slow=350&fail=4", 504, 3),
  line("Retry", "without `retry` an idempotent request goes out once more", "none?reset&fail=1", 200, 2),
  line("Retry", "and not twice", "none?reset&fail=2", 503, 2),
  line("Retry", "nor where it may have been done", "none?reset&fail=1", 503, 1, { method: "POST" }),
  line("Retry", "nor for a status", "none?status=503&fail=1", 503, 1),
];
