/** Module and export names that the rewriter adds. A module that uses the prefix itself is refused. */
export const added = {
  /** Import module of the memories that a module used to define: `memory0`, `memory1` … by its own count. */
  module: "bandstand",
  memory: (own: number): string => `memory${own}`,
  /** Exported function `(hook, guest)`: arms the interruption, then runs the start function, if there is one. */
  arm: "bandstand:arm",
} as const;
