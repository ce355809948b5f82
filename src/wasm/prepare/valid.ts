/**
 * Refuses what V8 does not hold for a valid module, before anything is made of it. Not by compiling it: in processes that serve, V8 looks
 * at a function when it first runs, and not before (`--wasm-lazy-validation`, docs/decisions/0021).
 * @param refuse gets what V8 says of it.
 */
export function refuseInvalid(bytes: Uint8Array, refuse: (cause: unknown) => never): void {
  if (!WebAssembly.validate(bytes as never)) refuse(whyInvalid(bytes));
}

/** A function may be why, at which V8 would look later, and it knows code again that it compiled before: so it is told to compile all now. */
function whyInvalid(bytes: Uint8Array): unknown {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--no-wasm-lazy-compilation");
  try {
    void new WebAssembly.Module(bytes as never);
    return new WebAssembly.CompileError("not valid");
  } catch (cause) {
    return cause;
  } finally {
    setFlagsFromString("--wasm-lazy-compilation");
  }
}
