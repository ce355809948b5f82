import { BandstandError } from "../../../foundation/errors/index.ts";
import { late } from "./patience.ts";

/** What the system says where no connection came about. */
const unreachable = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;

/**
 * What went wrong with a request to an origin, as its guest and whoever runs it are told: what a look-up refused as it was
 * refused, and apart from an answer that does not come, a connection that does not.
 * @param connect milliseconds that there were for it.
 */
export function failureOf(error: unknown, connect: number): unknown {
  if (!(error instanceof BandstandError) || error.code !== "backend-unreachable") return error;
  const { cause } = error;
  if (cause === undefined) return tooLate(connect);
  for (const inner of causesOf(cause)) if (inner instanceof BandstandError) return inner;
  const { code = "" } = cause as { code?: string };
  // Somebody is there, but not who was meant, or they do not understand each other.
  return unreachable.test(code) ? error : new BandstandError("backend-broken", error.message, { cause });
}

/** With those that stand in it: where each of several addresses failed, it is an `AggregateError`. */
function causesOf(cause: unknown): unknown[] {
  return cause instanceof AggregateError ? [cause, ...cause.errors] : [cause];
}

/** As the system would say it, so that a guest can tell it from an answer that does not come. */
function tooLate(milliseconds: number): BandstandError {
  const cause = Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
  return late(`no connection within ${milliseconds} ms`, cause);
}
