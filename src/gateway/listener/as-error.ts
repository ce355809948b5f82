import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { Malformed } from "../http1/malformed.ts";

/** What ended a request, in whatever words it was thrown. */
export function asError(error: unknown): BandstandError {
  if (error instanceof BandstandError) return error;
  const code = error instanceof Malformed ? "request-malformed" : "internal";
  return new BandstandError(code, messageOf(error), { cause: error });
}
