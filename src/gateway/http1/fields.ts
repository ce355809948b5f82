import type { RawHeaders } from "../../foundation/http/index.ts";
import type { Wire } from "../wire/wire.ts";
import { FieldScan } from "./field-lines.ts";
import { isNoTrailer } from "./hop-by-hop.ts";
import { Malformed } from "./malformed.ts";

const scan = new FieldScan();

/** Trailer fields have no say in framing, so lines are all that there is to check. */
export function parseTrailers(text: string): RawHeaders | undefined {
  if (text === "") return undefined;
  const bytes = Buffer.from(`${text}\r\n\r\n`, "latin1");
  scan.scan(bytes, bytes.length, 0, Number.POSITIVE_INFINITY);
  return scan.fields(text);
}

/** The value of a Content-Length field: one decimal number that JavaScript counts exactly. */
export function parseLength(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value))
    throw new Malformed(`content-length is ${JSON.stringify(value)}, one number is due`);
  return Number(value);
}

/** `parseLength` without a text, for a few digits as they nearly always are. */
export function lengthIn(bytes: Buffer, from: number, to: number): number {
  if (to === from || to - from > 9) return parseLength(bytes.toString("latin1", from, to));
  let length = 0;
  for (let at = from; at < to; at++) {
    const value = (bytes[at] as number) - 0x30;
    if (value < 0 || value > 9) return parseLength(bytes.toString("latin1", from, to));
    length = length * 10 + value;
  }
  return length;
}

/** One chunk. False: the other side is behind. */
export function sendChunk(wire: Wire, piece: Uint8Array): boolean {
  return wire.both(`${piece.length.toString(16)}\r\n`, piece, "\r\n");
}

/** `0`, the trailers, and the empty line that ends a chunked body. */
export function lastChunk(trailers: RawHeaders | undefined): string {
  let text = "0\r\n";
  for (let index = 0; index < (trailers?.length ?? 0); index += 2) {
    const name = trailers?.[index] as string;
    const line = `${name}: ${trailers?.[index + 1]}`;
    if (!/[\r\n\0]/.test(line) && !isNoTrailer(name)) text += `${line}\r\n`;
  }
  return `${text}\r\n`;
}
