import type { Socket } from "node:net";
import { readBelow, readInto } from "../../wire/read.ts";
import { awaitFirst } from "../first-bytes.ts";
import { readOpening, type Opening } from "../tls/opening.ts";
import { lent } from "./lent-buffer.ts";

// One for all: functions for each connection would live as long as it.
function gone(this: Socket): void {
  this.destroy();
}

/**
 * Looks at what a new connection to a port that speaks TLS says first, and leaves a handshake to whoever reads next. Nearly always one
 * read brings enough: then it costs a copy, and nothing of what a socket does to tell of data. What is neither closes the connection.
 * @param milliseconds patience, which the caller has too: it is watched here only where this Node's handles are others.
 */
export function awaitOpening(socket: Socket, milliseconds: number, then: (opening: Opening) => void): void {
  if (socket.readableLength > 0 || !readInto(socket, lent.bytes)) {
    return awaitFirst(socket, milliseconds, readOpening, (opening, input) => {
      if (opening === "handshake") socket.unshift(input);
      then(opening);
    });
  }
  let input: Buffer | undefined;
  let found = false;
  const take = (size: number): boolean => {
    lent.turn++;
    // What a request without TLS goes on with is not read; below TLS nothing comes here.
    if (found) return true;
    const piece = Buffer.copyBytesFrom(lent.bytes, 0, size);
    input = input === undefined ? piece : Buffer.concat([input, piece]);
    let opening: Opening | undefined;
    try {
      opening = readOpening(input);
    } catch {
      socket.destroy();
      return true;
    }
    if (opening === undefined) return true;
    found = true;
    if (opening === "handshake") socket.unshift(input);
    else socket.off("end", gone);
    then(opening);
    return true;
  };
  readBelow(socket, take);
  socket.on("end", gone).on("error", gone);
}
