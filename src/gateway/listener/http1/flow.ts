import type { Socket } from "node:net";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { mostLent, type BodySink, type BodyStream } from "../../../foundation/http/index.ts";
import { lastChunk } from "../../http1/fields.ts";
import { draft } from "../../wire/draft.ts";
import type { Wire } from "../../wire/wire.ts";

/** What becomes of a response while it flows. */
export interface FlowOwner {
  /** Waiting for the client begins, or ends. */
  stalled(stalled: boolean): void;
  done(): void;
  failed(error: unknown): void;
}

/** More than what stands around a piece: its length and two line ends. */
const around = 40;

/**
 * A response whose body goes to the client in the stack in which it comes, from buffer to buffer, and with the head where some of
 * it is there at once. Where the body cannot, `sendStream` is the other way.
 */
export class Flow implements BodySink {
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly #body: BodyStream;
  readonly #chunked: boolean;
  readonly #owner: FlowOwner;
  /** Bytes that are still due. */
  #left: number | undefined;
  /** The head, until it goes out. */
  #head: string;
  #over = false;

  constructor(socket: Socket, wire: Wire, head: string, body: BodyStream, chunked: boolean, owner: FlowOwner) {
    this.#socket = socket;
    this.#wire = wire;
    this.#head = head;
    this.#body = body;
    this.#chunked = chunked;
    this.#owner = owner;
    this.#left = body.length;
  }

  /** False: the body cannot flow, and nothing was done. */
  begin(): boolean {
    if (this.#body.flow?.(this) !== true) return false;
    if (this.#head !== "" && !this.#over) this.#write(undefined, false);
    return true;
  }

  take(piece: Buffer | undefined, last: boolean): boolean {
    if (this.#over) return true;
    const length = piece?.length ?? 0;
    if (this.#left !== undefined) {
      this.#left -= length;
      if (this.#left < 0) return this.#wrong("longer");
      if (last && this.#left > 0) return this.#wrong("shorter");
    }
    const room = this.#write(piece, last);
    if (last) {
      this.#over = true;
      this.#owner.done();
      return true;
    }
    if (!room) this.#stall();
    return room;
  }

  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.failed(error);
  }

  #wrong(how: string): boolean {
    this.#body.cancel();
    this.fail(new BandstandError("backend-broken", `the response's body is ${how} than its content-length`));
    return true;
  }

  #write(piece: Buffer | undefined, last: boolean): boolean {
    const length = piece?.length ?? 0;
    const end = last && this.#chunked ? lastChunk(this.#body.trailers) : "";
    if (piece !== undefined && length > mostLent) return this.#writeLarge(piece, end);
    draft.begin(this.#head.length + length + end.length + around);
    draft.text(this.#head);
    this.#head = "";
    if (piece !== undefined && length > 0) {
      if (this.#chunked) draft.text(`${length.toString(16)}\r\n`);
      draft.bytes(piece, 0, length);
      if (this.#chunked) draft.text(`\r\n${end}`);
    } else draft.text(end);
    return draft.length === 0 || this.#wire.draft(draft);
  }

  /** What is longer than anything that is lent is nobody else's: it needs no copy. */
  #writeLarge(piece: Buffer, end: string): boolean {
    const before = this.#chunked ? `${this.#head}${piece.length.toString(16)}\r\n` : this.#head;
    this.#head = "";
    return this.#wire.both(before, piece, this.#chunked ? `\r\n${end}` : "");
  }

  #stall(): void {
    const socket = this.#socket;
    this.#owner.stalled(true);
    const over = (): void => {
      socket.off("drain", over).off("close", over);
      if (this.#over) return;
      this.#owner.stalled(false);
      if (socket.destroyed) this.#body.cancel();
      else this.#body.goOn?.();
    };
    socket.on("drain", over).on("close", over);
  }
}
