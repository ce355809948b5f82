/**
 * Calls back when this thread has worked off what is ready at the moment of the call. To wake oneself goes through the kernel, which
 * lines that up behind the connections that are ready, in the order that they became so. (A message to oneself would not do: those that are sent
 * while one is taken are taken with it.) It does not keep the thread alive.
 */
export function behindWhatIsReady(act: () => void): void {
  const { async, value } = Atomics.waitAsync(cell, 0, 0);
  if (!async) throw new Error("nobody writes to this cell");
  void value.then(act);
  Atomics.notify(cell, 0);
}

const cell = new Int32Array(new SharedArrayBuffer(4));
