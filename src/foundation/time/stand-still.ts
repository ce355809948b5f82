const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Has this thread do nothing for so many milliseconds: where no promise can be waited for, and the wait is a short one. */
export function standStill(milliseconds: number): void {
  Atomics.wait(nothing, 0, 0, milliseconds);
}
