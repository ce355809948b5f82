import type { Writable } from "node:stream";
import type { RawHeaders } from "../../foundation/http/index.ts";

/** What is on the wire is no HTTP/1.1. Each side turns it into its own BandstandError. */
export class Malformed extends Error {}

const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Parses field lines (RFC 9112, section 5) from `lines[from]` on, strictly: no obs-fold, no blank
 * before the colon, no control characters. Names and order stay as received.
 */
export function parseFields(lines: string[], from: number): RawHeaders {
  const fields: RawHeaders = [];
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] as string;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon <= 0 || !fieldName.test(name)) throw new Malformed(`header line ${index} has no valid name`);
    const value = trim(line, colon + 1);
    if (!fieldValue.test(value)) throw new Malformed(`header ${name} has a control character`);
    fields.push(name, value);
  }
  return fields;
}

/** Trailer fields have no say in framing, so lines are all that there is to check. */
export function parseTrailers(text: string): RawHeaders | undefined {
  return text === "" ? undefined : parseFields(text.split("\r\n"), 0);
}

/** The value of a Content-Length field: one decimal number that JavaScript counts exactly. */
export function parseLength(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value))
    throw new Malformed(`content-length is ${JSON.stringify(value)}, one number is due`);
  return Number(value);
}

/** One chunk in one system call. False: the socket has enough. */
export function sendChunk(socket: Writable, piece: Uint8Array): boolean {
  socket.cork();
  socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
  socket.write(piece);
  const room = socket.write("\r\n", "latin1");
  socket.uncork();
  return room;
}

/** `0`, the trailers, and the empty line that ends a chunked body. */
export function lastChunk(trailers: RawHeaders | undefined): string {
  let text = "0\r\n";
  for (let index = 0; index < (trailers?.length ?? 0); index += 2) {
    const line = `${trailers?.[index]}: ${trailers?.[index + 1]}`;
    if (!/[\r\n\0]/.test(line)) text += `${line}\r\n`;
  }
  return `${text}\r\n`;
}

/** By index: a pattern over blanks would cost their square. */
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
