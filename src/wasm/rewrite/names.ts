/** Module and export names that the rewriter adds. A module that uses the prefix itself is refused. */
export const added = {
  /** Import module of the memories that a module used to define: `memory0`, `memory1` … by its own count. */
  module: "bandstand",
  memory: (own: number): string => `memory${own}`,
  /** Exported function `(hook, guest)`: arms the interruption, then runs the start function, if there is one. */
  arm: "bandstand:arm",
  /** Exported global: what is left of the units until the next check; the host makes the guest ask at once by 0. */
  count: "bandstand:count",
  /** Import of the memory of marks beside a memory, by the module's count of all its memories. */
  marks: (memory: number): string => `marks${memory}`,
  /** Exported function `()`: what mutable globals hold now is what `restore` goes back to. */
  keep: "bandstand:keep",
  /** Exported function `() -> i32`: restores globals; answers 1 where the instance cannot be restored. */
  restore: "bandstand:restore",
} as const;

/** Bytes of objects that a guest makes between two questions to the host whether it may make more. */
export const heapChunk = 64 * 1024;
