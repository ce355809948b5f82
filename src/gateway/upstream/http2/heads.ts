import { lineEnds } from "../../../foundation/http/field-syntax.ts";
import type { IncomingHttpHeaders } from "node:http2";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type RawHeaders } from "../../../foundation/http/index.ts";

/** Headers of one connection, and those that are made here. */
const left = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "host",
  "content-length",
  "http2-settings",
]);

/** A request's head as raw headers. Throws `request-malformed` for what must not be on a wire. */
export function requestHeaders(
  { method, authority, target, headers, body }: HttpRequest,
  scheme: "http" | "https",
): string[] {
  const all = [":method", method, ":scheme", scheme, ":authority", authority, ":path", target];
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    if (!left.has(name)) all.push(name, headers[index + 1] as string);
  }
  const length = isStream(body) ? body.length : body?.length;
  if (length !== undefined) all.push("content-length", String(length));
  if (all.some((text) => lineEnds.test(text))) {
    throw new BandstandError("request-malformed", "a line end or NUL stands in the request's head");
  }
  return all;
}

/** Status, headers and declared length of a response, or headers of trailers. */
export function responseOf(fields: IncomingHttpHeaders): {
  status: number;
  headers: RawHeaders;
  length: number | undefined;
} {
  const headers: RawHeaders = [];
  let length: number | undefined;
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(":") || value === undefined) continue;
    if (name === "content-length") length = Number(value);
    for (const one of Array.isArray(value) ? value : [value]) headers.push(name, one);
  }
  return { status: Number((fields as Record<string, unknown>)[":status"] ?? 0), headers, length };
}
