import { keepPiece } from "../../../foundation/http/index.ts";
import type { Piece } from "../io/index.ts";
import { smallBody } from "../limits.ts";
import type { Backlog } from "./backlog.ts";

/** Writes below this are put together: a guest may write byte by byte. */
const small = 4096;
const largestTail = 16 << 10;

/** Pieces of a body that wait, in order; small ones put together. */
export class Pieces {
  /** Bytes that wait. */
  size = 0;
  /** Mostly there is one, or none. */
  #first: Piece | undefined;
  #others: Piece[] | undefined;
  #tail: Buffer | undefined;
  #used = 0;
  readonly #backlog: Backlog | undefined;

  /** @param backlog what waits here counts there, too. */
  constructor(backlog?: Backlog) {
    this.#backlog = backlog;
  }

  /** Keeps a piece as it is. */
  add(piece: Piece): void {
    this.#seal();
    this.#append(piece);
    this.#grew(piece.length);
  }

  /** Keeps a copy. A first small piece becomes a string: it often is the whole body, and goes out with the head. */
  copy(bytes: Buffer): void {
    if (this.size === 0 && bytes.length <= smallBody) this.add(bytes.toString("latin1"));
    else this.#join(bytes);
  }

  /** Keeps a short piece: as it is where it is the first, else with others. */
  keep(piece: Uint8Array): void {
    if (this.size === 0) this.add(piece);
    else this.#join(piece);
  }

  #join(bytes: Uint8Array): void {
    if (bytes.length >= small) return this.add(keepPiece(bytes));
    if (this.#tail === undefined || this.#used + bytes.length > this.#tail.length) {
      const before = this.#tail?.length ?? 128;
      this.#seal();
      this.#tail = Buffer.allocUnsafeSlow(Math.max(Math.min(before * 2, largestTail), bytes.length));
    }
    this.#tail.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#grew(bytes.length);
  }

  #grew(bytes: number): void {
    this.size += bytes;
    this.#backlog?.add(bytes);
  }

  #shrank(bytes: number): void {
    this.size -= bytes;
    this.#backlog?.remove(bytes);
  }

  /** Nobody wants them any more. */
  drop(): void {
    this.#first = this.#others = this.#tail = undefined;
    this.#used = 0;
    this.#shrank(this.size);
  }

  /** The next piece, or undefined where none waits. */
  take(): Piece | undefined {
    if (this.#first === undefined) this.#seal();
    const piece = this.#first;
    if (piece === undefined) return undefined;
    this.#first = this.#others?.shift();
    this.#shrank(piece.length);
    return piece;
  }

  /** All of them as one: a string up to so many bytes, or where it is one already. */
  takeAll(asText: number): Piece | undefined {
    this.#seal();
    const first = this.#first;
    const others = this.#others;
    const { size } = this;
    this.#shrank(size);
    this.#first = undefined;
    this.#others = undefined;
    if (first === undefined || others === undefined || others.length === 0) return first;
    const all = Buffer.concat(
      [first, ...others].map((piece) => (typeof piece === "string" ? Buffer.from(piece, "latin1") : piece)),
    );
    return size <= asText ? all.toString("latin1") : all;
  }

  #seal(): void {
    if (this.#tail === undefined) return;
    this.#append(this.#tail.subarray(0, this.#used));
    this.#tail = undefined;
    this.#used = 0;
  }

  #append(piece: Piece): void {
    if (this.#first === undefined) this.#first = piece;
    else if (this.#others === undefined) this.#others = [piece];
    else this.#others.push(piece);
  }
}
