/**
 * The memory of marks that stands beside each memory of a guest. The guest has no instruction that reaches it.
 * One byte for each page of 1 KiB that a guest can name, then the words that stand in for the memory's own size.
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
  sizeAt: 1 << 22,
  /** Pages of 64 KiB of the memory of marks. */
  pages: 65,
  /**
   * Pages of 64 KiB that a guest's memory may have: below 4 GiB, so that an address near a marked one never
   * comes out at the other end of the address space.
   */
  mostPages: 65_535,
} as const;
