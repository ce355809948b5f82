import type { StringDecoder } from "node:string_decoder";
import type { Logger } from "../../../foundation/log/index.ts";
import { monotonic } from "../../../foundation/time/clock.ts";
import type { OutputSink, Piece } from "../io/index.ts";
import { hostLimits } from "../limits.ts";

/** Bytes that a line has in the log besides its text: time, level, component, and how they are called. */
const envelope = 128;
/** Bytes that become one text: of larger ones, which are objects by themselves, the engine collects everything after a few. */
const textBytes = 64 << 10;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What the guests of one component write to stdout, stderr and `wasi:logging`: so much a second, the rest is counted. */
export class GuestLog {
  readonly #logger: Logger;
  readonly #most: number;
  #second = 0;
  #bytes = 0;
  #dropped = 0;

  /** @param most bytes in a second. */
  constructor(logger: Logger, most: number) {
    this.#most = most;
    this.#logger = logger;
  }

  /** False: it was dropped, as the rest of this second's would be. */
  line(level: LogLevel, text: string, fields: Record<string, string>): boolean {
    const second = Math.floor(monotonic() / 1000);
    if (second !== this.#second) this.#begin(second);
    // What a guest says of where a line comes from is as long as it likes, too.
    this.#bytes += text.length + (fields["context"]?.length ?? 0) + envelope;
    if (this.#bytes > this.#most) {
      // Said at once too: a component that is flooding now may never write again.
      if (this.#dropped++ === 0) this.#logger.warn("a component writes too much to its log: the rest of it is dropped");
      return false;
    }
    this.#logger.log(level, text, fields);
    return true;
  }

  /** Lines that nobody looked at, since they would be dropped. */
  dropLines(lines: number): void {
    this.#dropped += lines;
  }

  #begin(second: number): void {
    this.#second = second;
    this.#bytes = 0;
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 1) this.#logger.warn("log lines of a component were dropped", { lines: dropped });
  }
}

/** Who writes to the log. */
interface Writer {
  /** False: it is dropped, and so would be what comes behind it. */
  log(level: LogLevel, text: string, fields: Record<string, string>): boolean;
  dropLines(lines: number): void;
}

/** stdout or stderr of one guest: a log line for each line. */
export class LogSink implements OutputSink {
  readonly failure = undefined;
  readonly #guest: Writer;
  readonly #stream: "stdout" | "stderr";
  #rest = "";
  /** Holds what a write ends with in the middle of a character. */
  #decoder: StringDecoder | undefined;

  constructor(guest: Writer, stream: "stdout" | "stderr") {
    this.#guest = guest;
    this.#stream = stream;
  }

  room(): number {
    return textBytes;
  }

  flushed(): boolean {
    return true;
  }

  write(bytes: Buffer): void {
    this.#decoder ??= new (process.getBuiltinModule("node:string_decoder").StringDecoder)("utf8");
    for (let at = 0; at < bytes.length; at += textBytes)
      this.#add(this.#decoder.write(bytes.subarray(at, at + textBytes)));
  }

  push(piece: Piece): void {
    this.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : Buffer.from(piece));
  }

  /** Whatever stands without a line end is a line too when the guest is done. */
  end(): void {
    if (this.#decoder === undefined) return;
    this.#rest += this.#decoder.end();
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }

  #add(text: string): void {
    const all = this.#rest + text;
    let from = 0;
    for (let end = all.indexOf("\n"); end >= 0; end = all.indexOf("\n", from)) {
      const isKept = this.#line(all.slice(from, end));
      from = isKept ? end + 1 : this.#skip(all, end + 1);
    }
    this.#rest = all.slice(from);
    if (this.#rest.length < hostLimits.logLine) return;
    this.#line(this.#rest);
    this.#rest = "";
  }

  /** Looks at no more lines: a write may hold as many as it has bytes. Answers where the last one ends. */
  #skip(all: string, from: number): number {
    const last = all.lastIndexOf("\n") + 1;
    let lines = 0;
    for (let at = from; at < last; at++) if (all.charCodeAt(at) === 10) lines++;
    this.#guest.dropLines(lines);
    return Math.max(last, from);
  }

  /** False: no more of them is wanted. */
  #line(text: string): boolean {
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    let isKept = true;
    for (let at = 0; isKept && (at === 0 || at < line.length); at += hostLimits.logLine) {
      isKept = this.#guest.log("info", line.slice(at, at + hostLimits.logLine), { stream: this.#stream });
    }
    return isKept;
  }
}
