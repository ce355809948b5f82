import type { Socket } from "node:net";

/**
 * Waits for what a new connection says first, which is paused then; whoever is told puts back what is not read.
 * @param milliseconds patience. What comes too late, and what `read` throws at, closes the connection.
 * @param read undefined: more has to come.
 */
export function awaitFirst<T>(
  socket: Socket,
  milliseconds: number,
  read: (input: Buffer) => T | undefined,
  then: (found: T, input: Buffer) => void,
): void {
  let input: Buffer | undefined;
  const timer = setTimeout(() => socket.destroy(), milliseconds);
  const onData = (chunk: Buffer): void => {
    input = input === undefined ? chunk : Buffer.concat([input, chunk]);
    let found: T | undefined;
    try {
      found = read(input);
    } catch {
      return void socket.destroy();
    }
    if (found === undefined) return;
    leave();
    socket.pause();
    then(found, input);
  };
  const gone = (): void => void socket.destroy();
  const leave = (): void => {
    clearTimeout(timer);
    socket.off("data", onData).off("end", gone).off("error", gone).off("close", leave);
  };
  socket.on("data", onData).on("end", gone).on("error", gone).on("close", leave);
  // Whoever waited before has paused it.
  socket.resume();
}
