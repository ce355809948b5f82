import type { HttpResponse } from "../../foundation/http/index.ts";
import type { OwnAnswer } from "./answer.ts";

/** gRPC's status codes (grpc/grpc, doc/statuscodes.md), as far as the gateway has reason for one. */
const codes = {
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** As clients would read an HTTP status (doc/http-grpc-status-mapping.md), but for what says more about our own answers. */
const ofStatus: Record<number, number> = {
  400: codes.internal,
  401: codes.unauthenticated,
  403: codes.permissionDenied,
  404: codes.unimplemented,
  408: codes.deadlineExceeded,
  413: codes.resourceExhausted,
  429: codes.resourceExhausted,
  431: codes.resourceExhausted,
  500: codes.internal,
  502: codes.unavailable,
  503: codes.unavailable,
  504: codes.deadlineExceeded,
};

/** The Gateway API wants these to be UNAVAILABLE. */
const unresolved: ReadonlySet<string> = new Set(["backend-unresolved", "filter-unresolved"]);

/** An answer of ours to a call: the status alone, without a message (gRPC over HTTP/2, "Trailers-Only"). */
export function grpcAnswer({ status, headers, own: { code, message, id } }: OwnAnswer): HttpResponse {
  const number = unresolved.has(code) ? codes.unavailable : (ofStatus[status] ?? codes.unknown);
  const words = id === undefined ? message : `${message} (request ${id})`;
  const kept = headers.filter((_text, index) => !ofBody.has(headers[index - (index % 2)] as string));
  const all = [...kept, "content-type", "application/grpc", "grpc-status", String(number), "grpc-message"];
  return { status: 200, headers: [...all, percentEncoded(words)], body: undefined };
}

const ofBody: ReadonlySet<string> = new Set(["content-type", "cache-control", "content-length"]);

/** What is no printable ASCII, and `%`, byte by byte (gRPC over HTTP/2, "Status-Message"). */
function percentEncoded(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/gu, (letter) =>
    [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}
