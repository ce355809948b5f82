import { BandstandError } from "../../../foundation/errors/index.ts";
import type { RawHeaders } from "../../../foundation/http/index.ts";

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
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- NUL, CR and other controls must not pass on
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const maximumHeaders = 512;

/**
 * Parses the head of a response, strictly: everything about which this gateway and another reader could
 * disagree (obs-fold, bare CR, blanks in names, both framings, several lengths) is `backend-broken`.
 * @param text the head in latin1, without the empty line that ends it.
 * @param method of the request; HEAD has no body in its response.
 */
export function parseHead(text: string, method: string): ResponseHead {
  const lines = text.split("\r\n");
  const status = statusLine.exec(lines[0] ?? "");
  if (status === null) throw broken("its status line is not HTTP/1.1's");
  if (lines.length - 1 > maximumHeaders) throw broken(`it has more than ${maximumHeaders} headers`);
  const code = Number(status[2]);
  const headers: RawHeaders = [];
  let length: number | undefined;
  let chunked = false;
  let close = status[1] === "0";
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] as string;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = trim(line, colon + 1);
    if (colon <= 0 || !fieldName.test(name)) throw broken(`header line ${index} has no valid name`);
    if (!fieldValue.test(value)) throw broken(`header ${name} has a control character`);
    headers.push(name, value);
    // Only these three decide anything here; their lengths sort most others out without lowering the case.
    if (name.length === 14 && name.toLowerCase() === "content-length") length = contentLength(value, length);
    else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      if (chunked || value.toLowerCase() !== "chunked")
        throw broken(`transfer-encoding is ${value}, only chunked is known`);
      chunked = true;
    } else if (name.length === 10 && name.toLowerCase() === "connection") {
      const tokens = value.toLowerCase();
      if (tokens.includes("close")) close = true;
      else if (status[1] === "0" && tokens.includes("keep-alive")) close = false;
    }
  }
  if (chunked && length !== undefined) throw broken("it has both transfer-encoding and content-length");
  if (chunked && status[1] === "0") throw broken("HTTP/1.0 knows no transfer-encoding");
  const framing = framingOf(code, method, chunked, length);
  return { status: code, headers, framing, reusable: !close && framing.type !== "close" };
}

function framingOf(status: number, method: string, chunked: boolean, length: number | undefined): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { type: "none" };
  if (chunked) return { type: "chunked" };
  if (length !== undefined) return { type: "length", length };
  return { type: "close" };
}

function contentLength(value: string, earlier: number | undefined): number {
  if (!/^[0-9]{1,15}$/.test(value)) throw broken(`content-length is ${JSON.stringify(value)}, a number is due`);
  const length = Number(value);
  if (earlier !== undefined && earlier !== length) throw broken("it has two different content-lengths");
  return length;
}

/** Trailer fields are header lines without any say in the framing. */
export function parseTrailers(text: string): RawHeaders {
  const trailers: RawHeaders = [];
  for (const line of text.split("\r\n")) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const value = trim(line, colon + 1);
    if (colon <= 0 || !fieldName.test(line.slice(0, colon)) || !fieldValue.test(value))
      throw broken("a trailer is malformed");
    trailers.push(line.slice(0, colon), value);
  }
  return trailers;
}

/** Blanks and tabs around a value are no part of it. By index: a pattern would cost its square. */
function trim(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** A response that cannot be trusted any further: the connection is closed. */
export function broken(what: string): BandstandError {
  return new BandstandError("backend-broken", `the backend's response cannot be passed on: ${what}`);
}
