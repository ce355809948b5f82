import { totalmem } from "node:os";

/** Bytes that the process may use. */
export function usableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
