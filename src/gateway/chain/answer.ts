import type { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpResponse } from "../../foundation/http/index.ts";

/** An answer of our own: always whole. */
export type OwnAnswer = HttpResponse & { body: string; own: { code: string; message: string; id: string | undefined } };

/** Errors whose text is about the client's own request; others could tell of addresses behind us. */
const tellable = new Set([
  "request-malformed",
  "method-refused",
  "request-too-large",
  "headers-too-large",
  "request-too-slow",
  "client-stalled",
]);

/** For a target that is the server itself, and where a method is refused (RFC 9110, sections 9.3.7 and 15.5.6). */
const allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

const texts: Record<number, string> = {
  404: "no route matches this host and path",
  408: "the request came too slowly",
  500: "this route cannot answer",
  502: "the backend's answer cannot be passed on",
  503: "the backend cannot be reached now",
  504: "the answer took too long",
};

/** An answer that the gateway makes itself: what happened in a word, and the request's id to look it up in the log. */
export function answerFor(error: BandstandError, id: string | undefined): OwnAnswer {
  const { status, code } = error;
  const message = tellable.has(code) ? error.message : (texts[status] ?? "the request failed");
  return ownAnswer(status, code, message, id);
}

export function ownAnswer(status: number, code: string, message: string, id: string | undefined): OwnAnswer {
  const headers = ["content-type", "application/json", "cache-control", "no-store"];
  if (status === 405) headers.push("allow", allowedMethods);
  if (status === 503) headers.push("retry-after", "1");
  // One unit a byte: what is no ASCII would be cut, so it is escaped.
  const body = JSON.stringify({ status, code, message, request: id }).replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { status, headers, body: `${body}\n`, own: { code, message, id } };
}

/** For `OPTIONS *`: what the server itself can do, whatever its routes say. */
export function serverOptions(): HttpResponse {
  return { status: 204, headers: ["allow", allowedMethods], body: undefined };
}

/** One of ours, as it came or with other headers, and no backend's. */
export function isOwn(response: HttpResponse): response is OwnAnswer {
  return "own" in response;
}
