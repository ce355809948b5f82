import { BandstandError } from "../../../foundation/errors/index.ts";
import type { RawHeaders } from "../../../foundation/http/index.ts";
import { Malformed, parseFields, parseLength } from "../../http1/fields.ts";

/** How the body of a request is delimited (RFC 9112, section 6.3). A request has none unless it says so. */
export type RequestFraming = { type: "none" } | { type: "length"; length: number } | { type: "chunked" };

export interface RequestHead {
  method: string;
  /** Origin form, or `*`. */
  target: string;
  authority: string;
  headers: RawHeaders;
  framing: RequestFraming;
  /** The client may send another request on this connection. */
  keepAlive: boolean;
  /** HTTP/1.0 knows no chunked framing. */
  old: boolean;
  /** The client asks for WebSocket instead of HTTP after this request. */
  upgrade: "websocket" | undefined;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean;
}

// A request target in visible ASCII without fragment; quotes, blanks and brackets included in no URI are refused.
const requestLine = /^([A-Z][A-Z-]{0,31}) ([!-"$-~]+) HTTP\/1\.([01])$/;
const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;
const hostForm = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;

/**
 * Parses a request's head, strictly: every variant that this gateway and a backend could read
 * differently is refused with `Malformed` (400 and the connection closed).
 * @param text latin1, from the request line on, without the empty line that ends the head.
 */
export function parseRequestHead(text: string, maximumHeaders: number): RequestHead {
  const lines = text.split("\r\n");
  const line = requestLine.exec(lines[0] as string);
  if (line === null) throw new Malformed("the request line is not METHOD, target and HTTP/1.1");
  refuseMethod(line[1] as string);
  if (lines.length - 1 > maximumHeaders) {
    throw new BandstandError("headers-too-large", `the request has more than ${maximumHeaders} headers`);
  }
  const old = line[3] === "0";
  const headers = parseFields(lines, 1);
  let host: string | undefined;
  let length: number | undefined;
  let chunked = false;
  let keepAlive = !old;
  let expectsContinue = false;
  let wantsUpgrade = false;
  let websocket = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    // The lengths of these six names sort nearly all others out without lowering the case.
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== "host") break;
        if (host !== undefined) throw new Malformed("there are two Host headers");
        host = value;
        break;
      case 6:
        if (name.toLowerCase() !== "expect") break;
        if (value.toLowerCase() !== "100-continue") throw new Malformed("Expect is not 100-continue");
        expectsContinue = !old;
        break;
      case 7:
        // Other protocols, HTTP/2 in clear text first of all, would carry requests that nobody here looks at.
        if (name.toLowerCase() === "upgrade") websocket = value.toLowerCase() === "websocket";
        break;
      case 10:
        if (name.toLowerCase() !== "connection") break;
        keepAlive = connectionGoesOn(value, keepAlive);
        wantsUpgrade ||= /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(value);
        break;
      case 14:
        if (!isFraming(name, "content-length")) break;
        if (length !== undefined) throw new Malformed("there are two content-lengths");
        length = parseLength(value);
        break;
      case 17:
        if (!isFraming(name, "transfer-encoding")) break;
        if (chunked || old || value.toLowerCase() !== "chunked")
          throw new Malformed("transfer-encoding is not `chunked` once");
        chunked = true;
        break;
      default:
    }
  }
  if (chunked && length !== undefined) throw new Malformed("there are both transfer-encoding and content-length");
  const framing: RequestFraming = chunked
    ? { type: "chunked" }
    : length === undefined
      ? { type: "none" }
      : { type: "length", length };
  const method = line[1] as string;
  const { target, authority } = resolveTarget(method, line[2] as string, host, old);
  const upgrades = wantsUpgrade && websocket && method === "GET" && !old && framing.type === "none";
  const upgrade = upgrades ? "websocket" : undefined;
  return { method, target, authority, headers, framing, keepAlive, old, upgrade, expectsContinue };
}

/** Throws `Malformed` for a name that servers which read `_` as `-` take for this one. */
export function isFraming(name: string, wanted: "content-length" | "transfer-encoding"): boolean {
  const lower = name.toLowerCase();
  if (lower === wanted) return true;
  if (lower.replaceAll(/[^a-z]/g, "-") === wanted) throw new Malformed(`${name} could be read as ${wanted}`);
  return false;
}

/**
 * CONNECT would make us a way to other hosts, and TRACE sends credentials back that scripts must not read
 * (RFC 9110, sections 9.3.6 and 9.3.8). Throws `method-refused`.
 */
export function refuseMethod(method: string): void {
  if (method === "CONNECT" || method === "TRACE")
    throw new BandstandError("method-refused", `the method ${method} is not served here`);
}

/** Origin form, absolute form whose authority equals Host, or `*` of OPTIONS (RFC 9112, section 3.2). */
function resolveTarget(
  method: string,
  raw: string,
  host: string | undefined,
  old: boolean,
): { target: string; authority: string } {
  if (host === undefined && !old) throw new Malformed("there is no Host header");
  const authority = host ?? "localhost";
  if (!isAuthority(authority)) throw new Malformed("Host is no valid authority");
  if (raw.startsWith("/")) return { target: raw, authority };
  if (raw === "*" && method === "OPTIONS") return { target: raw, authority };
  const absolute = absoluteForm.exec(raw);
  if (absolute === null) throw new Malformed("the target is neither a path nor an absolute URL");
  if (absolute[1]?.toLowerCase() !== authority.toLowerCase())
    throw new Malformed("Host is another than the target's authority");
  const path = absolute[2] as string;
  return { target: path.startsWith("/") ? path : `/${path}`, authority };
}

/** `host`, `host:port`, `[::1]:port`: nothing with a user, a path or a blank. */
export function isAuthority(text: string): boolean {
  return hostForm.test(text);
}

function connectionGoesOn(value: string, before: boolean): boolean {
  const tokens = value.toLowerCase();
  if (tokens.includes("close")) return false;
  return before || tokens.includes("keep-alive");
}
