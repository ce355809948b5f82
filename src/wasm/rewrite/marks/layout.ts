/**
 * The memory of marks that stands beside each memory of a guest. The guest has no instruction that reaches it.
 * The word that stands in for the memory's own size, then one byte for each page of 1 KiB that the guest's memory may have. A mark
 * behind those traps, as the store would that it is written for.
 */
export const marks = {
  /** 2^10 bytes of the guest's memory for each mark. */
  pageShift: 10,
  /**
   * A marked page is restored with so many bytes before and behind it. So a store near a marked address needs no
   * mark of its own, wherever the page ends.
   */
  slack: 256,
  /** Where the memory's size stands, in pages of 64 KiB: a memory that grew cannot shrink again. */
  sizeAt: 0,
  /** Where the first mark stands: in a line of the processor's caches of its own. */
  at: 64,
  /**
   * Pages of 64 KiB that a guest's memory may have: below 4 GiB, so that an address near a marked one never
   * comes out at the other end of the address space.
   */
  mostPages: 65_535,
} as const;

/** Pages of 64 KiB that the memory of marks needs for a memory of so many, of the largest else. The restorer reads up to 16 marks behind the last. */
export function pagesOfMarks(most: number = marks.mostPages): number {
  return Math.ceil((marks.at + (most << (16 - marks.pageShift)) + 16) / 65_536);
}
