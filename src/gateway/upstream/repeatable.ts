import { isStream, type HttpRequest } from "../../foundation/http/index.ts";

const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** A request that may be done twice (RFC 9110, section 9.2.2), and of which nothing is used up by being sent. */
export function isRepeatable({ method, body }: HttpRequest): boolean {
  return idempotent.has(method) && !isStream(body);
}
