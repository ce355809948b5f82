import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { Draft } from "./draft.ts";
import { handleOf, learning, mayWriteBytes, mayWriteText, type Dispatched, type WritingHandle } from "./handle.ts";
import { turn, type Waiter } from "./turn.ts";
import type { Wire } from "./wire.ts";

type Done = (error?: Error | null) => void;

/** Stands in a socket's queue for bytes that its handle has already; nobody reads it. */
const placeholder = Buffer.alloc(64 * 1024);
/** Bytes up to this size are copied behind their text: a second buffer would cost more. */
const copied = 16 * 1024;

/**
 * Writes to the handle below a socket. Nearly every message goes to the kernel at once, and what `stream.Writable` does
 * around it costs more than the rest of our work on it. Where the kernel does not take all, the socket is told of a
 * write as long as what is left: so `drain`, `end` and `writableLength` are as if it had made that write itself, and
 * whatever comes then goes through the socket, behind it.
 */
export class DirectWire implements Wire, Waiter {
  readonly #socket: Socket;
  #handle: WritingHandle | undefined;
  /** What the kernel has not taken yet. */
  #unfinished: Dispatched | undefined;
  /** A message that waits for the end of the turn. */
  #waiting: Uint8Array | undefined;
  #mayWait = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { _write: above } = socket;
    const write: Socket["_write"] = (chunk, encoding, done) => {
      // What waits comes before what somebody writes to the socket.
      if (this.#waiting !== undefined) this.flush(true);
      if (this.#unfinished === undefined) above.call(socket, chunk, encoding, done);
      else this.#wait(this.#unfinished, done);
    };
    socket._write = write;
  }

  text(text: string): boolean {
    const handle = this.#free() ? this.#handle : undefined;
    if (handle === undefined) return this.#socket.write(text, "latin1");
    if (!mayWriteText()) {
      return learning(handle, "writeLatin1String", () => this.#socket.write(text, "latin1"));
    }
    const result = handle.writeText(text);
    if (result === 0) return true;
    if (typeof result === "object") return this.#goesOn(result, text.length);
    // Nothing of it went out: the socket tries again, finds out the same, and says it.
    return this.#socket.write(text, "latin1");
  }

  bytes(bytes: Uint8Array): boolean {
    const handle = this.#free() ? this.#handle : undefined;
    if (handle === undefined) return this.#socket.write(bytes);
    if (!mayWriteBytes()) return learning(handle, "writeBuffer", () => this.#socket.write(bytes));
    const result = handle.writeBytes(bytes);
    if (result === 0) return true;
    if (typeof result !== "object") return this.#socket.write(bytes);
    result.buffer = bytes;
    return this.#goesOn(result, bytes.length);
  }

  both(text: string, bytes: Uint8Array, end = ""): boolean {
    if (this.#waiting !== undefined) this.flush();
    if (bytes.length > copied) return corked(this.#socket, text, bytes, end);
    const { buffer, byteOffset, length } = bytes;
    return this.text(text + Buffer.from(buffer, byteOffset, length).toString("latin1") + end);
  }

  draft(draft: Draft): boolean {
    const handle = this.#free() && mayWriteBytes() ? this.#handle : undefined;
    if (handle === undefined) return this.bytes(draft.kept());
    const bytes = draft.made;
    if (draft.waits) {
      this.#waiting = bytes;
      turn.take(this, draft.end);
      if (!this.#mayWait) this.#beginWaiting();
      return true;
    }
    if (!turn.waits) turn.passed();
    const result = handle.writeBytes(bytes);
    if (result === 0) return true;
    if (typeof result !== "object") return this.#socket.write(draft.kept());
    result.buffer = bytes;
    draft.leave();
    return this.#goesOn(result, bytes.length);
  }

  /** Writes what waits. @param alone nobody needs to know when it is over: something comes behind it, or nothing. */
  flush(alone = false): void {
    const bytes = this.#waiting;
    const handle = this.#handle;
    if (bytes === undefined || handle === undefined) return;
    this.#waiting = undefined;
    const result = handle.writeBytes(bytes);
    if (result === 0) return;
    if (typeof result === "object") {
      result.buffer = bytes;
      turn.leave();
      if (!alone) this.#goesOn(result, bytes.length);
    } else if (!alone) this.#socket.write(Buffer.copyBytesFrom(bytes));
  }

  /** What waits goes out before our side ends, and before a socket goes that is not broken. */
  #beginWaiting(): void {
    this.#mayWait = true;
    const socket = this.#socket;
    const { _final, _destroy, _writev } = socket;
    const writev: Socket["_writev"] = (chunks, done) => {
      this.flush(true);
      _writev!.call(socket, chunks, done);
    };
    const final: Socket["_final"] = (done) => {
      this.flush(true);
      _final.call(socket, done);
    };
    const destroy: Socket["_destroy"] = (error, done) => {
      if (error === null || error === undefined) this.flush(true);
      this.#waiting = undefined;
      _destroy.call(socket, error, done);
    };
    if (_writev !== undefined) socket._writev = writev;
    socket._final = final;
    socket._destroy = destroy;
  }

  /** Nothing waits that would have to go out first. */
  #free(): boolean {
    if (this.#waiting !== undefined) this.flush();
    const socket = this.#socket;
    if (socket.writableLength !== 0 || !socket.writable || socket.connecting) return false;
    // Until it is connected a socket may still change its handle.
    this.#handle ??= handleOf(socket);
    return true;
  }

  /** Nothing waits, so the socket makes its write at once, and that one waits for the handle's. */
  #goesOn(unfinished: Dispatched, length: number): boolean {
    this.#unfinished = unfinished;
    return this.#socket.write(length < placeholder.length ? placeholder.subarray(0, length) : placeholder);
  }

  #wait(unfinished: Dispatched, done: Done): void {
    const complete = (status: number): void => {
      this.#unfinished = undefined;
      done(status < 0 ? failure(status) : null);
    };
    const { writeStatus } = unfinished;
    if (typeof writeStatus === "number") complete(writeStatus);
    else unfinished.oncomplete = complete;
  }
}

/** All of it in one call of the socket's own. */
export function corked(socket: Socket, text: string, bytes: Uint8Array, end = ""): boolean {
  socket.cork();
  socket.write(text, "latin1");
  let room = socket.write(bytes);
  if (end !== "") room = socket.write(end, "latin1");
  socket.uncork();
  return room;
}

/** As Node words it. */
function failure(status: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: "write" });
}
