import type { Socket } from "node:net";
import { awaitFirst } from "../listener/first-bytes.ts";

/** Bytes of a ClientHello at most, with the heads of its records: with keys of today's algorithms for tomorrow it has 2 KiB. */
const longest = 65_536;
/** Of a record (RFC 8446, section 5.1). */
const longestRecord = 16_384;

/** What a client says first. `length` is that of the bytes that were looked at. */
interface Hello {
  /** In lower case, without the dot that may end it; undefined: it asks for none. */
  name: string | undefined;
}

/** What can be no ClientHello. */
export class NoHello extends Error {}

/**
 * Reads the server name (RFC 6066, section 3) of a ClientHello, which may come in several records, without taking anything of it.
 * Undefined: more has to come. Throws `NoHello`.
 */
export function readHello(input: Buffer): Hello | undefined {
  const message = handshakeIn(input);
  if (message === undefined) return undefined;
  try {
    return { name: serverName(message) };
  } catch (error) {
    if (error instanceof RangeError) throw new NoHello("a length that is none", { cause: error });
    throw error;
  }
}

/** The body of the first handshake message, put together from its records. */
function handshakeIn(input: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  let size = 0;
  let wanted: number | undefined;
  for (let at = 0; ;) {
    if (input.length > at && input[at] !== 0x16) throw new NoHello("no handshake");
    if (input.length > at + 1 && input[at + 1] !== 0x03) throw new NoHello("no version of TLS");
    if (input.length < at + 5) break;
    const length = input.readUInt16BE(at + 3);
    if (length === 0 || length > longestRecord) throw new NoHello("a record of no or too many bytes");
    const piece = input.subarray(at + 5, at + 5 + length);
    pieces.push(piece);
    size += piece.length;
    if (wanted === undefined && size >= 4) {
      const head = Buffer.concat(pieces);
      if (head[0] !== 0x01) throw new NoHello("no ClientHello");
      wanted = head.readUIntBE(1, 3) + 4;
      if (wanted > longest) throw new NoHello("a ClientHello that is too long");
    }
    if (wanted !== undefined && size >= wanted) return Buffer.concat(pieces).subarray(4, wanted);
    if (piece.length < length) break;
    at += 5 + length;
  }
  if (input.length > longest) throw new NoHello("a ClientHello that is too long");
  return undefined;
}

/** Throws `RangeError` for a length that leads out of the message. */
function serverName(message: Buffer): string | undefined {
  // Version and random; then session, algorithms and compressions, each with its length.
  let at = 34;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  if (at === message.length) return undefined;
  const end = at + 2 + message.readUInt16BE(at);
  if (end !== message.length) throw new NoHello("extensions of another length than theirs");
  for (at += 2; at < end;) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    if (at + 4 + length > end) throw new NoHello("an extension that is longer than all");
    if (type === 0) return nameIn(message.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

function nameIn(extension: Buffer): string {
  const length = extension.readUInt16BE(3);
  if (extension.readUInt8(2) !== 0 || extension.length !== length + 5) throw new NoHello("a name of another kind");
  const name = extension.toString("latin1", 5).toLowerCase();
  if (!/^[-a-z0-9._]{1,255}$/.test(name)) throw new NoHello("a name that is none");
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

/**
 * Waits for the ClientHello of a new connection, which is paused then with all that came.
 * @param milliseconds patience. What is none, and what comes too late, closes the connection.
 */
export function awaitHello(socket: Socket, milliseconds: number, then: (hello: Hello) => void): void {
  awaitFirst(socket, milliseconds, readHello, (hello, input) => {
    socket.unshift(input);
    then(hello);
  });
}
