import type { RawHeaders, WireLines } from "../../../foundation/http/index.ts";
import { isHopByHop } from "../../http1/hop-by-hop.ts";
import { FieldScan, LineCut, table, type ReadFields } from "../../http1/field-lines.ts";
import { parseLength } from "../../http1/fields.ts";
import { Malformed } from "../../http1/malformed.ts";

/** How the body of a response is delimited (RFC 9112, section 6.3). */
export type Framing = { type: "none" } | { type: "length"; length: number } | { type: "chunked" } | { type: "close" };

export interface ResponseHead {
  status: number;
  /** As received; where `lines` are there, without those that end at this hop. */
  headers: RawHeaders;
  lines: WireLines | undefined;
  framing: Framing;
  /** The connection may serve another request after this response. */
  reusable: boolean;
}

const maximumHeaders = 512;
const version = Buffer.from("HTTP/1.");
const inReason = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));
const scan = new FieldScan();

/** A response's head, and what was read of the bytes. */
export interface ReadHead {
  head: ResponseHead;
  /** Behind the empty line that ends the head. */
  end: number;
}

/**
 * Reads the head of a response, strictly: everything about which this gateway and another reader could
 * disagree (obs-fold, bare CR, blanks in names, both framings, several lengths) throws `Malformed`.
 * @param bytes from the status line on. @param length of them that came.
 * @param method of the request; HEAD has no body in its response.
 * @returns undefined: the end of the head has not come.
 */
export function readHead(bytes: Buffer, length: number, method: string): ReadHead | undefined {
  const known = Math.min(length, version.length);
  for (let index = 0; index < known; index++) if (bytes[index] !== version[index]) throw noStatusLine();
  // `HTTP/1.1 200` and what ends the line.
  if (length < 14) {
    if (bytes.subarray(0, length).includes("\n")) throw noStatusLine();
    return undefined;
  }
  const minor = bytes[7] as number;
  if ((minor !== 0x30 && minor !== 0x31) || bytes[8] !== 0x20) throw noStatusLine();
  const status = digit(bytes, 9) * 100 + digit(bytes, 10) * 10 + digit(bytes, 11);
  if (status < 100) throw noStatusLine();
  let at = 12;
  if (bytes[at] === 0x20) while (at < length && inReason[bytes[at] as number] === 1) at++;
  if (at + 1 >= length && (at >= length || bytes[at] === 0x0d)) return undefined;
  if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) throw noStatusLine();
  if (!scan.scan(bytes, length, at + 2, maximumHeaders)) return undefined;
  const { end } = scan;
  const text = bytes.toString("latin1", 0, end);
  return { head: understand(status, minor === 0x30, scan.fields(text), method, text), end };
}

function noStatusLine(): Malformed {
  return new Malformed("its status line is not HTTP/1.1's");
}

function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] as number) - 0x30;
  if (value < 0 || value > 9) throw noStatusLine();
  return value;
}

/** What the status and the fields mean. */
function understand(status: number, old: boolean, all: RawHeaders, method: string, text: string): ResponseHead {
  let length: number | undefined;
  let chunked = false;
  let close = old;
  /** Names of headers may be among what Connection says. */
  let lists = false;
  for (let index = 0; index < all.length; index += 2) {
    const name = all[index] as string;
    const value = all[index + 1] as string;
    // Only these three decide anything here; length and first letter sort others out without lowering the case.
    if (name.length === 14 && (name.charCodeAt(0) | 0x20) === 0x63 && name.toLowerCase() === "content-length") {
      const next = parseLength(value);
      if (length !== undefined && length !== next) throw new Malformed("it has two different content-lengths");
      length = next;
    } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      if (chunked || value.toLowerCase() !== "chunked")
        throw new Malformed(`transfer-encoding is ${value}, only chunked is known`);
      chunked = true;
    } else if (name.length === 10 && name.toLowerCase() === "connection") {
      const tokens = value.toLowerCase();
      if (tokens !== "keep-alive" && tokens !== "close") lists = true;
      if (tokens.includes("close")) close = true;
      else if (old && tokens.includes("keep-alive")) close = false;
    }
  }
  if (chunked && length !== undefined) throw new Malformed("it has both transfer-encoding and content-length");
  if (chunked && old) throw new Malformed("HTTP/1.0 knows no transfer-encoding");
  const framing = framingOf(status, method, chunked, length);
  const reusable = !close && framing.type !== "close";
  // An answer of our own protocol, or one that lists names of its own, is nobody's to pass on as it is.
  const lines = status < 200 || lists ? undefined : linesOf({ of: all, text, begins: scan.lineBegins() });
  return { status, headers: lines?.of ?? all, lines, framing, reusable };
}

/** The headers that go on, with their lines as they came. */
function linesOf(read: ReadFields): WireLines {
  const all = read.of;
  const of: RawHeaders = [];
  const cut = new LineCut(read);
  let dated = false;
  for (let index = 0; index < all.length; index += 2) {
    const name = all[index] as string;
    if (isHopByHop(name)) {
      cut.drop(index / 2);
      continue;
    }
    of.push(name, all[index + 1] as string);
    if (name.length === 4 && name.toLowerCase() === "date") dated = true;
    // A length goes out as we frame the body.
    if (name.length === 14 && name.toLowerCase() === "content-length") cut.drop(index / 2);
    else cut.keep(index / 2);
  }
  return { of, text: cut.end(), dated };
}

function framingOf(status: number, method: string, chunked: boolean, length: number | undefined): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { type: "none" };
  if (chunked) return { type: "chunked" };
  if (length !== undefined) return { type: "length", length };
  return { type: "close" };
}
