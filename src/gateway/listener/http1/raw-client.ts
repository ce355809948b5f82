import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Who asks a server to close waits for that. Milliseconds. */
const closes = 20_000;
const turn = 5;

/**
 * Sends raw bytes and answers all that comes back until the server closes, or until so many milliseconds pass without a
 * byte, in turns of the event loop: while a busy machine has no time for this side it has none for the other one either.
 * Only tests use it: real clients do not send what these do.
 */
export async function exchangeRaw(
  port: number,
  pieces: (string | number)[],
  patience = patienceFor(pieces),
): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  let text = "";
  let quiet = 0;
  let closed = false;
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    quiet = 0;
  });
  socket.on("error", () => {});
  socket.on("close", () => (closed = true));
  for (const piece of pieces) {
    if (typeof piece === "number") await sleep(piece);
    else if (!socket.destroyed) socket.write(piece, "latin1");
  }
  quiet = 0;
  while (!closed && quiet++ * turn < patience) await sleep(turn);
  socket.destroy();
  return closed ? `${text}<closed>` : text;
}

function patienceFor(pieces: (string | number)[]): number {
  return /\r\nconnection: close\r\n/i.test(pieces.join("")) ? closes : 300;
}
