/** From the first byte up to the one behind the last. */
export type Range = [start: number, end: number];

/** Bytes between two ranges that make them one: for fewer it is quicker to look at those too. */
const gap = 1024;
/** More than so many are one: a list in a file that is read at every start is short. */
const mostRanges = 32;

/** In order and apart, cut to so many bytes. */
export function joined(ranges: readonly Range[], size: number): Range[] {
  const found: Range[] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const [start, end] = [Math.max(from, 0), Math.min(to, size)];
    if (start >= end) continue;
    const last = found.at(-1);
    if (last !== undefined && start - last[1] <= gap) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found.length > mostRanges ? [[found[0]![0], found.at(-1)![1]]] : found;
}
