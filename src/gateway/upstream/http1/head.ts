import type { RawHeaders } from "../../../foundation/http/index.ts";
import { Malformed, parseFields, parseLength } from "../../http1/fields.ts";

/** How the body of a response is delimited (RFC 9112, section 6.3). */
export type Framing = { type: "none" } | { type: "length"; length: number } | { type: "chunked" } | { type: "close" };

export interface ResponseHead {
  status: number;
  /** As received, without the framing headers' effect: hop-by-hop headers are still there. */
  headers: RawHeaders;
  framing: Framing;
  /** The connection may serve another request after this response. */
  reusable: boolean;
}

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const maximumHeaders = 512;

/**
 * Parses the head of a response, strictly: everything about which this gateway and another reader could
 * disagree (obs-fold, bare CR, blanks in names, both framings, several lengths) throws `Malformed`.
 * @param text the head in latin1, without the empty line that ends it.
 * @param method of the request; HEAD has no body in its response.
 */
export function parseHead(text: string, method: string): ResponseHead {
  const lines = text.split("\r\n");
  const status = statusLine.exec(lines[0] ?? "");
  if (status === null) throw new Malformed("its status line is not HTTP/1.1's");
  if (lines.length - 1 > maximumHeaders) throw new Malformed(`it has more than ${maximumHeaders} headers`);
  const code = Number(status[2]);
  const headers = parseFields(lines, 1);
  let length: number | undefined;
  let chunked = false;
  let close = status[1] === "0";
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    // Only these three decide anything here; their lengths sort most others out without lowering the case.
    if (name.length === 14 && name.toLowerCase() === "content-length") {
      const next = parseLength(value);
      if (length !== undefined && length !== next) throw new Malformed("it has two different content-lengths");
      length = next;
    } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      if (chunked || value.toLowerCase() !== "chunked")
        throw new Malformed(`transfer-encoding is ${value}, only chunked is known`);
      chunked = true;
    } else if (name.length === 10 && name.toLowerCase() === "connection") {
      const tokens = value.toLowerCase();
      if (tokens.includes("close")) close = true;
      else if (status[1] === "0" && tokens.includes("keep-alive")) close = false;
    }
  }
  if (chunked && length !== undefined) throw new Malformed("it has both transfer-encoding and content-length");
  if (chunked && status[1] === "0") throw new Malformed("HTTP/1.0 knows no transfer-encoding");
  const framing = framingOf(code, method, chunked, length);
  return { status: code, headers, framing, reusable: !close && framing.type !== "close" };
}

function framingOf(status: number, method: string, chunked: boolean, length: number | undefined): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { type: "none" };
  if (chunked) return { type: "chunked" };
  if (length !== undefined) return { type: "length", length };
  return { type: "close" };
}
