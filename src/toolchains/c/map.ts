/** An empty function: no locals, end. The linker's map counts its size too. */
const emptyFunction = 3;

/**
 * Tells from the linker's map (`address offset size name`, hexadecimal) whether anything has to run
 * before the first call.
 */
export function hasConstructors(map: string): boolean {
  const size = /^\s*\S+\s+\S+\s+([0-9a-f]+)\s+\S*\(__wasm_call_ctors\)$/m.exec(map)?.[1];
  return size !== undefined && Number.parseInt(size, 16) > emptyFunction;
}
