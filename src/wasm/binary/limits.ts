/** Bounds on what is decoded; far above what any toolchain emits. */
export const limits = {
  /** Bytes of one component, nested ones included. */
  componentBytes: 100 * 1024 * 1024,
  /** Components within components. */
  nesting: 32,
  /**
   * Entries of all lists of one component, its core modules with it: types, functions, memories, names, arguments … Each takes some hundred
   * bytes when it is decoded, and as few as two in the file.
   */
  entries: 4_000_000,
  /** Core modules of one component, at any depth. */
  modules: 64,
  /** Definitions of one component, at any depth: each costs the linker a little memory. */
  definitions: 1_000_000,
  /** Imports, and exports, of one core module: what engines take. */
  imports: 100_000,
  exports: 100_000,
  /** Types within types. */
  typeDepth: 100,
} as const;
