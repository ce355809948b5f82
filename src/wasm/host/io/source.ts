/** Bytes on their way; a string has one unit a byte. */
export type Piece = string | Uint8Array;

/** Where an `input-stream` takes its bytes from. */
export interface InputSource {
  /** Why it broke; set before `take` answers undefined. */
  readonly failure: unknown;
  /** The piece that `take` answered last is only lent: until the next call of it, or of `ready`. */
  readonly lends?: boolean;
  /** Bytes, the end or a failure are there. Starts reading where nothing is. */
  ready(): boolean;
  /**
   * At most so many bytes; empty: none now; undefined: it ended or broke.
   * @param unseen they pass by the guest, and do not count as read by it.
   */
  take(limit: number, unseen?: boolean): Piece | undefined;
  /** Bytes that `take` would give at once; undefined: not known. */
  available?(): number;
  /** Nobody reads on. */
  close(reason?: unknown): void;
}

/** A body that is there. */
export class WholeSource implements InputSource {
  readonly failure = undefined;
  #rest: Piece;

  constructor(body: Piece) {
    this.#rest = body;
  }

  ready(): boolean {
    return true;
  }

  take(limit: number): Piece | undefined {
    const rest = this.#rest;
    if (rest.length === 0) return undefined;
    if (rest.length <= limit) {
      this.#rest = "";
      return rest;
    }
    this.#rest = part(rest, limit);
    return typeof rest === "string" ? rest.slice(0, limit) : rest.subarray(0, limit);
  }

  available(): number {
    return this.#rest.length;
  }

  close(): void {
    this.#rest = "";
  }
}

/** Nothing to read: the same for everybody. */
export const emptySource: InputSource = new WholeSource("");

function part(piece: Piece, from: number): Piece {
  return typeof piece === "string" ? piece.slice(from) : piece.subarray(from);
}
