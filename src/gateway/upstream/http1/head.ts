import { FieldScan, table } from "../../http1/field-lines.ts";
import { lengthIn } from "../../http1/fields.ts";
import { HeadLines, type Lent } from "../../http1/head-lines.ts";
import { kinds, maskOf } from "../../http1/known-names.ts";
import { Malformed } from "../../http1/malformed.ts";
import { isWord } from "../../http1/words.ts";

/** How the body of a response is delimited (RFC 9112, section 6.3). */
export type Framing = { type: "none" } | { type: "length"; length: number } | { type: "chunked" } | { type: "close" };

export interface ResponseHead {
  status: number;
  /** All headers as received. */
  lines: HeadLines;
  /** Connection names other headers that end at this hop. */
  lists: boolean;
  /** There is one length, written as we would write it. */
  plainLength: boolean;
  framing: Framing;
  /** The connection may serve another request after this response. */
  reusable: boolean;
}

const maximumHeaders = 512;
const version = Buffer.from("HTTP/1.");
const inReason = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));
const scan = new FieldScan();

/**
 * Reads the head of a response, strictly: everything about which this gateway and another reader could
 * disagree (obs-fold, bare CR, blanks in names, both framings, several lengths) throws `Malformed`.
 * @param bytes from the status line on. @param length of them that came.
 * @param method of the request; HEAD has no body in its response. @param lent where the bytes are lent.
 * @returns undefined: the end of the head has not come.
 */
export function readHead(
  bytes: Buffer,
  length: number,
  method: string,
  lent: Lent | undefined,
): ResponseHead | undefined {
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
  return understand(status, minor === 0x30, new HeadLines(scan, bytes, lent), method, bytes);
}

function noStatusLine(): Malformed {
  return new Malformed("its status line is not HTTP/1.1's");
}

function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] as number) - 0x30;
  if (value < 0 || value > 9) throw noStatusLine();
  return value;
}

/** Names that say something about the message's end. */
const telling = maskOf("contentLength", "transferEncoding", "connection");

/** What the status and the fields mean. */
function understand(status: number, old: boolean, lines: HeadLines, method: string, bytes: Buffer): ResponseHead {
  let length: number | undefined;
  let chunked = false;
  let close = old;
  let lists = false;
  let plainLength = false;
  for (let line = 0; (lines.seen & telling) !== 0 && line < scan.count; line++) {
    const kind = scan.kindAt(line);
    if (((telling >> kind) & 1) === 0) continue;
    const from = scan.valueAt(line);
    const to = scan.valueEnd(line);
    if (kind === kinds.contentLength) {
      const next = lengthIn(bytes, from, to);
      if (length !== undefined && length !== next) throw new Malformed("it has two different content-lengths");
      plainLength = length === undefined && (bytes[from] !== 0x30 || to - from === 1);
      length = next;
      continue;
    }
    if (kind === kinds.connection && isWord(bytes, from, to, "keep-alive")) {
      if (old) close = false;
      continue;
    }
    const value = bytes.toString("latin1", from, to).toLowerCase();
    if (kind === kinds.transferEncoding) {
      if (chunked || value !== "chunked") throw new Malformed(`transfer-encoding is ${value}, only chunked is known`);
      chunked = true;
    } else {
      if (value !== "close") lists = true;
      if (value.includes("close")) close = true;
      else if (old && value.includes("keep-alive")) close = false;
    }
  }
  if (chunked && length !== undefined) throw new Malformed("it has both transfer-encoding and content-length");
  if (chunked && old) throw new Malformed("HTTP/1.0 knows no transfer-encoding");
  const framing = framingOf(status, method, chunked, length);
  const reusable = !close && framing.type !== "close";
  return { status, lines, lists, plainLength, framing, reusable };
}

function framingOf(status: number, method: string, chunked: boolean, length: number | undefined): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { type: "none" };
  if (chunked) return { type: "chunked" };
  if (length !== undefined) return { type: "length", length };
  return { type: "close" };
}
