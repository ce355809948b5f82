/** So many pieces of a log may be on their way, each of `size` bytes; what is written while all of them are is lost. */
const most = 64;

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

  /** A place that nobody reads any more; undefined: all of them are on their way. */
  free(): Buffer | undefined {
    const free = this.#places.find((place) => !isLent(place));
    if (free !== undefined || this.#places.length === most) return free;
    const place = Buffer.from(new SharedArrayBuffer(this.#size + 4), 0, this.#size);
    this.#places.push(place);
    return place;
  }

  /** Half of them are on their way: somebody stopped taking them. */
  get areLate(): boolean {
    return this.#places.length > most / 2 && this.#places.filter(isLent).length > most / 2;
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

function isLent(place: Uint8Array): boolean {
  return Atomics.load(signOf(place), 0) === 1;
}

/** Behind the place: 1 while it is lent. */
function signOf({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, buffer.byteLength - 4, 1);
}
