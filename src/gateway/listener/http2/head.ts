import { randomBytes } from "node:crypto";
import type { RawHeaders, Upgrade } from "../../../foundation/http/index.ts";
import { parseLength } from "../../http1/fields.ts";
import { Malformed } from "../../http1/malformed.ts";
import { isAuthority, isFraming, refuseMethod } from "../http1/head.ts";

/** The head of a request on a stream. What node:http2 has checked (names, values, order) is not checked again. */
export interface StreamHead {
  method: string;
  target: string;
  authority: string;
  headers: RawHeaders;
  length: number | undefined;
  expectsContinue: boolean;
  /** Extended CONNECT (RFC 8441). */
  upgrade: Upgrade["protocol"] | undefined;
}

const method = /^[A-Z][A-Z-]{0,31}$/;
const target = /^(?:\/[!-"$-~]*|\*)$/;

/**
 * Reads raw headers of HTTP/2 as strictly as those of HTTP/1.1, so that nothing gets to a backend through one that
 * would not through the other. Throws `Malformed`.
 */
export function readStreamHead(raw: readonly string[]): StreamHead {
  let given = "";
  let path = "";
  let protocol: string | undefined;
  let named: string | undefined;
  const headers: RawHeaders = [];
  let cookies: string | undefined;
  let host: string | undefined;
  let length: number | undefined;
  let expectsContinue = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    if (name.startsWith(":")) {
      if (name === ":method") given = value;
      else if (name === ":path") path = value;
      else if (name === ":authority") named = value;
      else if (name === ":protocol") protocol = value;
    } else if (name === "host") {
      if (host !== undefined) throw new Malformed("there are two Host headers");
      host = value;
    } else if (name === "cookie") {
      // One line again, as HTTP/1.1 has it (RFC 9113, section 8.2.3).
      cookies = cookies === undefined ? value : `${cookies}; ${value}`;
    } else {
      if (name.length === 17) isFraming(name, "transfer-encoding");
      if (name.length === 14 && isFraming(name, "content-length")) length = parseLength(value);
      else if (name === "expect") expectsContinue = value.toLowerCase() === "100-continue";
      headers.push(name, value);
    }
  }
  if (cookies !== undefined) headers.push("cookie", cookies);
  const upgrade = protocol === "websocket" && given === "CONNECT" ? "websocket" : undefined;
  if (upgrade === undefined) refuseMethod(given);
  const authority = named ?? host ?? "";
  if (!isAuthority(authority)) throw new Malformed(":authority is no valid authority");
  if (host !== undefined && host.toLowerCase() !== authority.toLowerCase()) {
    throw new Malformed("Host is another than :authority");
  }
  if (!method.test(given)) throw new Malformed(":method is no method");
  if (!target.test(path) || (path === "*" && given !== "OPTIONS")) throw new Malformed(":path is no path");
  if (upgrade !== undefined) addKey(headers);
  // To everybody behind it is the request that HTTP/1.1 makes of it.
  return { method: upgrade ? "GET" : given, target: path, authority, headers, length, expectsContinue, upgrade };
}

/** Extended CONNECT has no key (RFC 8441, section 5), and no server takes an upgrade of HTTP/1.1 without (RFC 6455, section 4.2.1). */
function addKey(headers: RawHeaders): void {
  for (let index = headers.length - 2; index >= 0; index -= 2) {
    if (headers[index] === "sec-websocket-key") headers.splice(index, 2);
  }
  headers.push("sec-websocket-key", randomBytes(16).toString("base64"));
}
