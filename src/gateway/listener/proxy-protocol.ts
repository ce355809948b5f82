import { isIP, type Socket } from "node:net";
import { plainAddress } from "../../foundation/network/index.ts";
import { Malformed } from "../http1/malformed.ts";
import { awaitFirst } from "./first-bytes.ts";

const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** What version 1 may have at most, with its line end. */
const longestLine = 107;
/** Far more than any list of TLVs that is sent. */
const longestHeader = 4096;

/** Whom a header tells of. Undefined: the proxy itself. */
interface Announced {
  source: string | undefined;
  /** Bytes of the header. */
  length: number;
}

/**
 * Reads the header of the PROXY protocol (HAProxy's specification, versions 1 and 2) at the beginning of a connection.
 * Undefined: more has to come. Throws `Malformed`.
 */
export function readProxyHeader(input: Buffer): Announced | undefined {
  const known = Math.min(input.length, signature.length);
  if (input.compare(signature, 0, known, 0, known) === 0) {
    return input.length < 16 ? undefined : readBinary(input);
  }
  const end = input.indexOf("\r\n");
  if (end === -1 ? input.length >= longestLine : end + 2 > longestLine) throw new Malformed("no PROXY line");
  if (end === -1) {
    const begin = Math.min(input.length, 6);
    if (input.toString("latin1", 0, begin) !== "PROXY ".slice(0, begin)) throw new Malformed("no PROXY line");
    return undefined;
  }
  return readLine(input.toString("latin1", 0, end));
}

function readLine(line: string): Announced {
  const length = line.length + 2;
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { source: undefined, length };
  const [, family, source = ""] = /^PROXY TCP([46]) (\S+) \S+ \d{1,5} \d{1,5}$/.exec(line) ?? [];
  if (family === undefined || isIP(source) !== Number(family)) throw new Malformed("no PROXY line");
  return { source: plainAddress(source), length };
}

function readBinary(input: Buffer): Announced | undefined {
  const [command = 0, family = 0] = input.subarray(12, 14);
  const length = 16 + input.readUInt16BE(14);
  if (command !== 0x20 && command !== 0x21) throw new Malformed("a PROXY command that nobody knows");
  if (length > longestHeader) throw new Malformed("a PROXY header that is too long");
  if (input.length < length) return undefined;
  // LOCAL is the proxy's own doing, and families without addresses tell of nobody.
  if (command === 0x20 || (family !== 0x11 && family !== 0x21)) return { source: undefined, length };
  const [size, most] = family === 0x11 ? [4, 12] : [16, 36];
  if (length < 16 + most) throw new Malformed("a PROXY header without its addresses");
  const bytes = input.subarray(16, 16 + size);
  return { source: size === 4 ? bytes.join(".") : textOf(bytes), length };
}

function textOf(bytes: Buffer): string {
  return plainAddress(Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(":"));
}

/**
 * Takes the header off a new connection; what follows it is the connection's again, which is paused then.
 * @param milliseconds patience. What is no header, and what comes too late, closes the connection.
 */
export function takeProxyHeader(
  socket: Socket,
  milliseconds: number,
  then: (source: string | undefined) => void,
): void {
  awaitFirst(socket, milliseconds, readProxyHeader, ({ source, length }, input) => {
    if (input.length > length) socket.unshift(input.subarray(length));
    then(source);
  });
}
