import type { Socket } from "node:net";
import { Malformed } from "../../http1/malformed.ts";
import { prefaceIn } from "../http1/preface.ts";

/** What a connection to a port that speaks TLS begins with: its handshake, or a request without any TLS. */
export type Opening = "handshake" | "http1" | "http2";

const longestMethod = 32;
/** Milliseconds that a client gets to read an answer to what it should not have sent. */
const lingering = 2000;

/** Undefined: more has to come. Throws `Malformed` for what is neither. */
export function readOpening(input: Buffer): Opening | undefined {
  const [first = 0] = input;
  // OpenSSL tells what is none from there on.
  if (first === 0x16 || first > 0x7f) return "handshake";
  const preface = prefaceIn(input);
  if (preface === "whole") return "http2";
  const method = /^[A-Z-]+/.exec(input.toString("latin1", 0, longestMethod + 1))?.[0].length ?? 0;
  if (preface === "none" && input[method] === 0x20 && method > 0) return "http1";
  if (preface === "none" && (method < input.length || method > longestMethod)) throw new Malformed("no handshake");
  return undefined;
}

/** Answers below TLS, and closes: a connection that just ends would leave people guessing. */
export function turnAway(socket: Socket, answer: string | Buffer): void {
  socket.on("error", () => socket.destroy());
  socket.end(answer, "latin1");
  // A reset because of what it still sends would take the answer from it.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingering);
  socket.once("end", () => socket.destroySoon()).once("close", () => clearTimeout(timer));
}

/**
 * SETTINGS, which every HTTP/2 connection begins with, and GOAWAY (RFC 9113, section 6.8) with HTTP_1_1_REQUIRED: clients then
 * ask by HTTP/1.1, whose answer people can read.
 */
export function goAway(reason: string): Buffer {
  const text = Buffer.from(reason);
  const frames = Buffer.alloc(9 + 17);
  frames[3] = 4;
  frames.writeUIntBE(8 + text.length, 9, 3);
  frames[12] = 7;
  frames.writeUInt32BE(0xd, 9 + 13);
  return Buffer.concat([frames, text]);
}
