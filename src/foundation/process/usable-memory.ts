/** Bytes that this process may use: what the machine has, or less where others have set a limit (a container). */
export function usableMemory(): number {
  const { totalmem } = process.getBuiltinModule("node:os");
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
