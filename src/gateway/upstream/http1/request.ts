import { lineEnds } from "../../../foundation/http/field-syntax.ts";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type RawHeaders } from "../../../foundation/http/index.ts";
import { ReadRequest } from "../../http1/read-request.ts";
import { draft } from "../../wire/draft.ts";

/** How the request's body goes out. */
export type RequestFraming =
  | { type: "none" }
  | { type: "whole" }
  | { type: "length"; length: number }
  | { type: "chunked" };

const bodilessMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "DELETE", "CONNECT"]);

/** A request's head, and what of it decides how its exchange goes on. */
export interface WrittenHead {
  /** In latin1; undefined: it is in the draft, and a body that is a text behind it. */
  head: string | undefined;
  framing: RequestFraming;
  /** There is no next request on such a connection. */
  last: boolean;
}

/** The head goes on from buffer to buffer. Its body is none, a text, or comes as a stream. */
export function mayPass(request: ReadRequest): boolean {
  return request.untouched && request.read.lines.there && !(request.body instanceof Uint8Array);
}

/** `writeHead` without a text, for a request that `mayPass`. */
export function draftHead(request: ReadRequest): WrittenHead {
  const framing = framingOf(request);
  const last = isLast(request, framing);
  const { body } = request;
  const text = typeof body === "string" ? body : "";
  assertOneHead(request, []);
  draft.begin(request.most + text.length);
  request.copy(draft);
  draft.text(ending(request, framing, last));
  if (text !== "") draft.text(text);
  return { head: undefined, framing, last };
}

/**
 * The request's head in latin1, with Host and framing made here; whatever the message says about
 * framing or the connection itself is left out.
 */
export function writeHead(request: HttpRequest): WrittenHead {
  const framing = framingOf(request);
  const last = isLast(request, framing);
  let head = `${request.method} ${request.target} HTTP/1.1\r\nhost: ${request.authority}\r\n`;
  const asRead = request instanceof ReadRequest && request.untouched;
  if (asRead) head += request.text();
  else {
    const { headers } = request;
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (!ours(name)) head += `${name}: ${headers[index + 1]}\r\n`;
    }
  }
  assertOneHead(request, asRead ? [] : request.headers);
  return { head: head + ending(request, framing, last), framing, last };
}

/** What is said of the body and of the connection, and the empty line. */
function ending(request: HttpRequest, framing: RequestFraming, last: boolean): string {
  let lines = "";
  if (framing.type === "whole") lines = `content-length: ${(request.body as string | Uint8Array).length}\r\n`;
  else if (framing.type === "length") lines = `content-length: ${framing.length}\r\n`;
  else if (framing.type === "chunked") lines = "transfer-encoding: chunked\r\n";
  else if (!bodilessMethods.has(request.method)) lines = "content-length: 0\r\n";
  if (request.upgrade !== undefined) lines += `connection: Upgrade\r\nupgrade: ${request.upgrade.protocol}\r\n`;
  else if (last) lines += "connection: close\r\n";
  return `${lines}\r\n`;
}

/**
 * Content that its method gives no meaning to (RFC 9110, section 9.3.1): a backend that does not read it takes it for
 * the next request, with whatever headers its sender put there. So there is no next one on such a connection.
 */
function isLast(request: HttpRequest, framing: RequestFraming): boolean {
  const empty = framing.type === "none" || (framing.type === "whole" && (request.body as string).length === 0);
  return !empty && bodilessMethods.has(request.method);
}

function framingOf({ body }: HttpRequest): RequestFraming {
  if (body === undefined) return { type: "none" };
  if (!isStream(body)) return { type: "whole" };
  return body.length === undefined ? { type: "chunked" } : { type: "length", length: body.length };
}

/** Headers that belong to the connection, not to the message. */
function ours(name: string): boolean {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === "te";
    case 4:
      return name.toLowerCase() === "host";
    case 7:
      return name.toLowerCase() === "upgrade";
    case 10:
      return ["connection", "keep-alive"].includes(name.toLowerCase());
    case 14:
      return name.toLowerCase() === "content-length";
    case 16:
      return name.toLowerCase() === "proxy-connection";
    case 17:
      return name.toLowerCase() === "transfer-encoding";
    default:
      return false;
  }
}

/** Listener and Wasm host let no line end through; this is the last wall before the wire. */
function assertOneHead(request: HttpRequest, headers: RawHeaders): void {
  // What was read so is sound.
  if (request instanceof ReadRequest && request.asAsked && headers.length === 0) return;
  let sound = !lineEnds.test(request.method) && !lineEnds.test(request.authority) && !/[\r\n\0 ]/.test(request.target);
  for (let index = 0; sound && index < headers.length; index++) sound = !lineEnds.test(headers[index] as string);
  if (!sound) throw new BandstandError("request-malformed", "a line end or NUL stands in the request's head");
}
