import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type RawHeaders } from "../../../foundation/http/index.ts";

/** How the request's body goes out. */
export type RequestFraming =
  | { type: "none" }
  | { type: "whole" }
  | { type: "length"; length: number }
  | { type: "chunked" };

// oxlint-disable-next-line no-control-regex -- line ends inside a value would start a second request
const lineEnds = /[\r\n\0]/;
const bodilessMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "DELETE", "CONNECT"]);

/**
 * The request's head in latin1, with Host and framing made here; whatever the message says about
 * framing or the connection itself is left out.
 */
export function writeHead(request: HttpRequest): { head: string; framing: RequestFraming; last: boolean } {
  const framing = framingOf(request);
  let head = `${request.method} ${request.target} HTTP/1.1\r\nhost: ${request.authority}\r\n`;
  const { headers, lines } = request;
  const asRead = lines?.of === headers;
  if (asRead) head += lines.text;
  else {
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (!ours(name)) head += `${name}: ${headers[index + 1]}\r\n`;
    }
  }
  if (framing.type === "whole") head += `content-length: ${(request.body as string | Uint8Array).length}\r\n`;
  else if (framing.type === "length") head += `content-length: ${framing.length}\r\n`;
  else if (framing.type === "chunked") head += "transfer-encoding: chunked\r\n";
  else if (!bodilessMethods.has(request.method)) head += "content-length: 0\r\n";
  // Content that its method gives no meaning to (RFC 9110, section 9.3.1): a backend that does not read it takes it for
  // the next request, with whatever headers its sender put there. So there is no next one on such a connection.
  const empty = framing.type === "none" || (framing.type === "whole" && (request.body as string).length === 0);
  const last = !empty && bodilessMethods.has(request.method);
  if (request.upgrade !== undefined) head += `connection: Upgrade\r\nupgrade: ${request.upgrade.protocol}\r\n`;
  else if (last) head += "connection: close\r\n";
  assertOneHead(request, asRead ? [] : headers);
  return { head: `${head}\r\n`, framing, last };
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
  let sound = !lineEnds.test(request.method) && !lineEnds.test(request.authority) && !/[\r\n\0 ]/.test(request.target);
  for (let index = 0; sound && index < headers.length; index++) sound = !lineEnds.test(headers[index] as string);
  if (!sound) throw new BandstandError("request-malformed", "a line end or NUL stands in the request's head");
}
