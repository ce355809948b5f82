import { performance } from "node:perf_hooks";
import type { Socket } from "node:net";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import type { Wire } from "../../wire/wire.ts";
import { BodyPace } from "../body-pace.ts";
import { readRequestHead, type RequestHead } from "./head.ts";
import { lent } from "./lent-buffer.ts";
import type { ConnectionLimits } from "./limits.ts";
import { prefaceIn } from "./preface.ts";
import { ArrivingBody, wholeWithHead } from "./receive.ts";

/**
 * What is read and dropped of a body that nobody wants, before the connection is closed instead. More than what both
 * kernels may hold: where bytes are left unread, a reset takes the answer from the client that still sends.
 */
const droppedBody = 32 * 1024 * 1024;
const empty = Buffer.alloc(0);

/** Who takes what a client sends. */
export interface RequestTaker {
  /** A head is complete; its body may still arrive. `tunnel` gets what comes behind a 101, where one is asked for. */
  start(head: RequestHead, body: Body, tunnel: BodyQueue | undefined): void;
  /** The client speaks HTTP/2: these bytes came of it. */
  handOver(input: Buffer): void;
  /** The head of the answer is out. */
  readonly headOut: boolean;
  /** Bytes a second that bodies come with at least, on average; 0: however slowly. */
  readonly bodyRate: number;
}

/** What a client sends on one connection, read as requests one after the other; what is pipelined waits. */
export class Intake {
  /** `performance.now()` when patience ends. */
  deadline: number;
  state: "idle" | "head" | "busy" | "tunnel" | "closing" = "idle";
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly #limits: ConnectionLimits;
  readonly #taker: RequestTaker;
  /** Bytes that came but were not parsed: a part of a head, or requests that wait for their turn. */
  #pending: Buffer = empty;
  /** Where in them the end of a head that was looked for in vain may still begin. */
  #partial = 0;
  /** The body of the current request while it still arrives. */
  #body: ArrivingBody | undefined;
  /** How fast that comes, as long as there is no answer. */
  #pace: BodyPace | undefined;
  /** Behind a 101, or while one is asked for: what the client sends is for it. */
  #tunnel: BodyQueue | undefined;
  /** What comes is HTTP/1.1 for good: a request came, or it was agreed on. */
  #begun: boolean;
  #dropped = 0;

  /** @param secured behind TLS, where HTTP/2 is agreed on in the handshake or not spoken (RFC 9113, section 3.3). */
  constructor(socket: Socket, wire: Wire, limits: ConnectionLimits, taker: RequestTaker, secured: boolean) {
    this.#socket = socket;
    this.#begun = secured;
    this.#wire = wire;
    this.#limits = limits;
    this.#taker = taker;
    this.deadline = after(limits.headTimeout);
  }

  /** A part of the request's body is still to come: it would be read as the next request. */
  get bodyDue(): boolean {
    return this.#body !== undefined;
  }

  /** Somebody reads what comes, or may. */
  get arriving(): boolean {
    return this.#body !== undefined || this.#tunnel !== undefined;
  }

  /** Bytes of a next request wait. */
  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** What came of a head that is not complete. */
  get unread(): Buffer {
    return this.#pending;
  }

  /** What came of it before `chunk`, which broke it, and that. */
  unreadBefore(chunk: Buffer): Buffer {
    return join(this.#pending, chunk);
  }

  /** Bytes a second that the current body should have come with; undefined: it comes fast enough. */
  get missedRate(): number | undefined {
    return this.#pace !== undefined && this.#pace.end < performance.now() ? this.#pace.rate : undefined;
  }

  /** The answer's head is out while the body still comes: who talks both ways sends when there is something to say. */
  answerBegun(): void {
    if (this.#body === undefined) return;
    this.#pace = undefined;
    if (this.deadline !== Number.POSITIVE_INFINITY) this.deadline = after(this.#limits.stallTimeout);
  }

  /** Takes bytes. Throws `Malformed` or a BandstandError where the connection must end. */
  take(chunk: Buffer): void {
    if (this.state === "closing") this.#drop(chunk);
    else if (this.state === "tunnel") this.#forward(chunk);
    else if (this.state !== "busy") this.#readHead(join(this.#pending, chunk));
    else if (this.#body !== undefined) this.#readBody(this.#body, chunk);
    else this.#keepForLater(chunk);
  }

  /** `take` for bytes that are only lent: what is kept of them is copied. */
  takeLent(bytes: Buffer, length: number): void {
    if (this.state === "idle" && this.#pending.length === 0 && mayBegin(bytes[0], this.#begun)) {
      // Nearly always a whole head came, and nothing behind it.
      const head = readRequestHead(bytes, length, this.#limits.headers, lent);
      const end = head?.lines.end ?? 0;
      if (head !== undefined && end - 4 <= this.#limits.headBytes) {
        return this.#begin(head, end === length ? empty : Buffer.copyBytesFrom(bytes, end, length - end));
      }
    }
    this.take(Buffer.copyBytesFrom(bytes, 0, length));
  }

  /** The current request has its answer, by `now`: what comes is the next one. */
  next(now: number): void {
    this.noTunnel();
    this.state = "idle";
    this.deadline = now + this.#limits.idleTimeout;
    if (this.waiting) this.#socket.resume();
  }

  /** The upgrade was granted: everything from here on goes through the tunnel. */
  openTunnel(): void {
    this.state = "tunnel";
    const early = this.#pending;
    this.#pending = empty;
    if (early.length > 0) this.#forward(early);
    this.#socket.resume();
  }

  /** The upgrade was not granted, or is over. */
  noTunnel(): void {
    this.#tunnel?.cancel();
    this.#tunnel = undefined;
  }

  /** What the client still sends is dropped, within bounds. */
  close(): void {
    this.state = "closing";
    this.#body?.queue.cancel();
    this.#body = undefined;
    this.#pending = empty;
    this.noTunnel();
    this.#socket.resume();
  }

  /** The client sends no more. A body in the middle breaks. */
  end(): void {
    this.#tunnel?.end();
    this.#body?.queue.fail(new BandstandError("client-gone", "the client ended its request in the middle"));
    this.#body = undefined;
  }

  /** What still arrives breaks for whoever reads it. */
  fail(error: BandstandError): void {
    this.state = "closing";
    const body = this.#body;
    const tunnel = this.#tunnel;
    this.#body = undefined;
    this.#tunnel = undefined;
    body?.queue.fail(error);
    tunnel?.fail(error);
  }

  #readHead(bytes: Buffer): void {
    const limits = this.#limits;
    const input = withoutEmptyLines(bytes);
    if (input.length === 0) return void (this.#pending = empty);
    if (this.state === "idle") {
      this.state = "head";
      this.deadline = after(limits.headTimeout);
    }
    // The second half of an empty line is still to come.
    if (input.length === 1 && input[0] === 0x0d) return void (this.#pending = input);
    const preface = this.#begun ? "none" : prefaceIn(input);
    if (preface === "whole") return this.#taker.handOver(input);
    if (preface === "part") return void (this.#pending = input);
    // Where a part of the head came before, only its end makes reading it all again worth while.
    const complete = this.#partial === 0 || input.includes("\r\n\r\n", this.#partial);
    const head = complete ? readRequestHead(input, input.length, limits.headers, undefined) : undefined;
    const end = head?.lines.end ?? 0;
    if (head === undefined ? input.length > limits.headBytes : end - 4 > limits.headBytes) {
      throw new BandstandError("headers-too-large", `the request's head is longer than ${limits.headBytes} bytes`);
    }
    this.#pending = head === undefined ? input : empty;
    this.#partial = head === undefined ? Math.max(0, input.length - 3) : 0;
    if (head !== undefined) this.#begin(head, end === input.length ? empty : input.subarray(end));
  }

  #begin(head: RequestHead, rest: Buffer): void {
    this.state = "busy";
    this.#begun = true;
    this.deadline = Number.POSITIVE_INFINITY;
    const body = this.#receiveBody(head, rest);
    if (head.upgrade !== undefined) this.#tunnel = new BodyQueue({ onRoom: () => this.#socket.resume() });
    this.#taker.start(head, body, this.#tunnel);
  }

  #receiveBody(head: RequestHead, rest: Buffer): Body {
    const whole = wholeWithHead(head.framing, rest);
    if (whole !== undefined) {
      this.#pending = whole.rest;
      return whole.body;
    }
    let continues = head.expectsContinue && rest.length === 0;
    const onRoom = (): void => {
      if (this.#body === body) {
        const now = performance.now();
        this.#pace?.resume(now);
        this.deadline = this.#patience(now);
      }
      this.#socket.resume();
    };
    // Who answers without the body spares the client sending it (RFC 9110, section 10.1.1).
    const onWait = (): void => {
      if (!continues || this.#body !== body || this.#taker.headOut) return;
      continues = false;
      const now = performance.now();
      this.#pace ??= this.#newPace(now);
      this.deadline = this.#patience(now);
      this.#wire.text("HTTP/1.1 100 Continue\r\n\r\n");
    };
    const body = new ArrivingBody(head.framing, onRoom, onWait);
    this.#body = body;
    this.#pace = undefined;
    if (!continues) this.#readBody(body, rest);
    return body.queue;
  }

  #readBody(body: ArrivingBody, input: Buffer): void {
    const { taken, room, done } = body.take(input);
    if (done) {
      this.#body = undefined;
      this.deadline = Number.POSITIVE_INFINITY;
      if (taken < input.length) this.#keepForLater(input.subarray(taken));
      return;
    }
    const now = performance.now();
    const pace = (this.#pace ??= this.#newPace(now));
    pace?.took(taken, now);
    if (room) return void (this.deadline = this.#patience(now));
    // The reader's pace is not the client's fault.
    this.#socket.pause();
    pace?.pause(now);
    this.deadline = Number.POSITIVE_INFINITY;
  }

  #newPace(now: number): BodyPace | undefined {
    const { bodyRate, headOut } = this.#taker;
    return bodyRate === 0 || headOut ? undefined : new BodyPace(bodyRate, this.#limits.bodyGrace, now);
  }

  /** Until when the next piece of a body has to come. */
  #patience(now: number): number {
    const stalled = now + this.#limits.stallTimeout;
    return this.#pace === undefined ? stalled : Math.min(stalled, this.#pace.end);
  }

  /** A pipelined request waits for its turn, in a bounded buffer. */
  #keepForLater(chunk: Buffer): void {
    this.#pending = join(this.#pending, chunk);
    if (this.#pending.length > this.#limits.headBytes) this.#socket.pause();
  }

  #forward(chunk: Buffer): void {
    if (this.#tunnel?.push(chunk) === false) this.#socket.pause();
  }

  #drop(chunk: Buffer): void {
    this.#dropped += chunk.length;
    if (this.#dropped > droppedBody) this.#socket.destroy();
  }
}

/** `performance.now()` in so many milliseconds. */
export function after(milliseconds: number): number {
  return performance.now() + milliseconds;
}

/** Neither an empty line nor HTTP/2's preface. */
function mayBegin(byte: number | undefined, begun: boolean): boolean {
  return byte !== 0x0d && (begun || byte !== 0x50);
}

/** Empty lines before a request are ignored (RFC 9112, section 2.2); patience ends all the same. */
function withoutEmptyLines(input: Buffer): Buffer {
  if (input[0] !== 0x0d) return input;
  let start = 0;
  while (input[start] === 0x0d && input[start + 1] === 0x0a) start += 2;
  return input.subarray(start);
}

function join(first: Buffer, second: Buffer): Buffer {
  if (first.length === 0) return second;
  return second.length === 0 ? first : Buffer.concat([first, second]);
}

export function incomplete(): BandstandError {
  return new BandstandError("request-malformed", "the request ended before its body was complete");
}
