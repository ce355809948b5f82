/** Milliseconds that guests run in a row, and how often. */
const [longest, most] = [1, 256];

/**
 * What runs of a guest in a row, before others on the thread have their turn: each of its events may take less than a slice, and be
 * followed by the next one at once.
 */
export class Row {
  #time = 0;
  #times = 0;

  /** Something ran for so many milliseconds. */
  ran(milliseconds: number): void {
    this.#time += milliseconds;
    this.#times++;
  }

  /** Others are next, whom the caller lets in: with them a new row begins. */
  get isOver(): boolean {
    if (this.#time <= longest && this.#times < most) return false;
    this.#time = this.#times = 0;
    return true;
  }
}
