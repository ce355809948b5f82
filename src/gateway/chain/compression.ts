import type { Transform } from "node:stream";
import { messageOf, BandstandError } from "../../foundation/errors/index.ts";
import {
  afterwards,
  isStream,
  type Body,
  type BodyStream,
  type HttpResponse,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import type { Compression } from "../../model/plan/index.ts";
import { headerValue } from "../match/index.ts";
import type { Coder, Coders } from "./coders.ts";
import type { Stage } from "./passage.ts";

/** Below this many bytes a body fits into one packet as it is. */
const worthwhile = 1024;

/** Types that become much smaller. Event streams do not wait for a block to fill; gRPC compresses for itself. */
const compressible =
  /^(?:text\/(?!event-stream)[^;]+|application\/(?:json|javascript|xml|wasm|manifest\+json|graphql|x-ndjson|[^;]+\+(?:json|xml))|image\/svg\+xml|font\/(?:ttf|otf))\s*(?:;|$)/i;

/** Headers that are true of the bytes as they were only. */
const ofPlainBytes = new Set([
  "content-length",
  "accept-ranges",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
]);

/** Compresses answers for clients that take it (RFC 9110, section 8.4), with the first encoding here that they accept. */
export function withCompression(encodings: readonly Compression[], coders: Coders, next: Stage): Stage {
  return (request, passage) => {
    // Asked before the request goes on: stages behind may change its headers.
    const accepted = acceptedOf(request.headers, encodings);
    const { method } = request;
    return afterwards(next(request, passage), (response) => compress(response, method, accepted, coders));
  };
}

function compress(
  response: HttpResponse,
  method: string,
  accepted: Compression | undefined,
  coders: Coders,
): HttpResponse {
  if (!mayCompress(response)) return response;
  const { status, headers, body } = response;
  if (lengthOf(response, method) < worthwhile) return response;
  const varying = withVary(headers);
  const plain = { status, headers: varying, body };
  if (accepted === undefined) return plain;
  if (method === "HEAD") return { ...plain, headers: encoded(varying, accepted) };
  const coder = coders.begin(accepted);
  return coder === undefined ? plain : { status, headers: encoded(varying, accepted), body: compressed(body, coder) };
}

function mayCompress({ status, headers }: HttpResponse): boolean {
  // A part of a representation stays what it is: its ranges count its plain bytes.
  if (status < 200 || status === 204 || status === 206 || status === 304) return false;
  if (!compressible.test(headerValue(headers, "content-type") ?? "")) return false;
  if (headerValue(headers, "content-encoding") !== undefined) return false;
  return !/\bno-transform\b/i.test(headerValue(headers, "cache-control") ?? "");
}

/** Bytes of the body; of HEAD the body that does not come. A stream that does not say is taken for a long one. */
function lengthOf({ headers, body }: HttpResponse, method: string): number {
  if (method === "HEAD") return Number(headerValue(headers, "content-length") ?? 0);
  return body === undefined ? 0 : (body.length ?? worthwhile);
}

function withVary(headers: RawHeaders): RawHeaders {
  const vary = headerValue(headers, "vary");
  if (vary !== undefined && /(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(vary)) return headers;
  return [...headers, "vary", "Accept-Encoding"];
}

function encoded(headers: RawHeaders, encoding: Compression): RawHeaders {
  const kept: RawHeaders = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const lower = name.toLowerCase();
    if (ofPlainBytes.has(lower)) continue;
    // The same content in other bytes (RFC 9110, section 8.8.3).
    kept.push(name, lower === "etag" && !value.startsWith("W/") ? `W/${value}` : value);
  }
  kept.push("content-encoding", encoding);
  return kept;
}

/** The first of ours that the client takes. Without Accept-Encoding nothing is encoded. */
function acceptedOf(headers: RawHeaders, encodings: readonly Compression[]): Compression | undefined {
  const text = headerValue(headers, "accept-encoding");
  if (text === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const part of text.split(",")) {
    const [name = "", ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(name === "x-gzip" ? "gzip" : name, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  return encodings.find((encoding) => (weights.get(encoding) ?? weights.get("*") ?? 0) > 0);
}

function compressed(body: Body, coder: Coder): BodyStream {
  const source = isStream(body) ? body : undefined;
  const queue = new BodyQueue({
    onRoom: () => coder.resume(),
    onCancel: (reason) => {
      coder.destroy();
      source?.cancel(reason);
    },
  });
  coder.on("data", (chunk: Buffer) => {
    if (!queue.push(chunk)) coder.pause();
  });
  coder.on("end", () => queue.end(source?.trailers));
  coder.on("error", (error) => queue.fail(new BandstandError("internal", messageOf(error), { cause: error })));
  if (source === undefined) coder.end(typeof body === "string" ? Buffer.from(body, "latin1") : (body as Uint8Array));
  else {
    feed(coder, source).catch((error: unknown) => {
      queue.fail(error);
      coder.destroy();
    });
  }
  return queue;
}

/** Where the source pauses, what it gave so far goes out: nobody waits for a block to fill. */
async function feed(coder: Coder, source: BodyStream): Promise<void> {
  for (;;) {
    const next = source.read();
    if (next instanceof Promise) coder.flush();
    const piece = next instanceof Promise ? await next : next;
    if (coder.destroyed) return;
    if (piece === undefined) return void coder.end();
    if (!coder.write(piece)) await drained(coder);
  }
}

function drained(coder: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      coder.off("drain", done).off("close", done);
      resolve();
    };
    coder.on("drain", done).on("close", done);
  });
}
