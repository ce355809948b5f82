/** So many pieces of a log may be on their way before one needs a place of its own. */
const most = 8;

/**
 * Where lines are written that another thread hands on: in memory that both see, used again and again. A piece that is copied from
 * thread to thread is garbage of 64 KiB in both, and collecting that costs more than all of the writing.
 */
export class SharedPlaces {
  readonly #size: number;
  readonly #places: Buffer[] = [];

  /** @param size in bytes, a multiple of four. */
  constructor(size: number) {
    this.#size = size;
  }

  /** A place that nobody reads any more; one that is not shared where there is none. */
  free(): Buffer {
    const free = this.#places.find((place) => Atomics.load(signOf(place), 0) === 0);
    if (free !== undefined) return free;
    if (this.#places.length === most) return Buffer.allocUnsafeSlow(this.#size);
    const place = Buffer.from(new SharedArrayBuffer(this.#size + 4), 0, this.#size);
    this.#places.push(place);
    return place;
  }
}

/** What stands in a place is somebody else's until it is given back. */
export function lend(piece: Uint8Array): void {
  if (piece.buffer instanceof SharedArrayBuffer) Atomics.store(signOf(piece), 0, 1);
}

/** Nobody reads it any more. */
export function giveBack(piece: Uint8Array): void {
  if (piece.buffer instanceof SharedArrayBuffer) Atomics.store(signOf(piece), 0, 0);
}

/** Behind the place: 1 while it is lent. */
function signOf({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, buffer.byteLength - 4, 1);
}
