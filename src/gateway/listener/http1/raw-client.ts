import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Sends raw bytes and answers all that comes back until the server closes, or until so many
 * milliseconds pass without a byte. Only tests use it: real clients do not send what these do.
 */
export async function exchangeRaw(port: number, pieces: (string | number)[], patience = 300): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  let text = "";
  let last = performance.now();
  let closed = false;
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    last = performance.now();
  });
  socket.on("error", () => {});
  socket.on("close", () => (closed = true));
  for (const piece of pieces) {
    if (typeof piece === "number") await sleep(piece);
    else if (!socket.destroyed) socket.write(piece, "latin1");
  }
  last = performance.now();
  while (!closed && performance.now() - last < patience) await sleep(5);
  socket.destroy();
  return closed ? `${text}<closed>` : text;
}
