import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const lowest = 20_001;
/** Where the kernel picks below that, too, chance must do. */
const fewest = 5_000;
/** Of this machine's addresses: what is bound there is in nobody's way, and keeps other runs of the tests from the port. */
const reservations = "127.66.66.66";

/**
 * A port of 127.0.0.1 for what must name one: the Gateway API knows no "any". It lies below those that the kernel picks
 * for others, and no other test gets it as long as this process runs. What can listen on port 0 does that instead.
 */
export async function freePort(): Promise<number> {
  const end = Math.max(lowest + fewest, firstPicked());
  for (let left = 1000; left > 0; left--) {
    const port = lowest + Math.floor(Math.random() * (end - lowest));
    if ((await isReserved(port)) && (await isFree(port))) return port;
  }
  throw new Error(`no port from ${lowest} to ${end - 1} is free`);
}

/** From there on the kernel picks. */
function firstPicked(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/)[0]);
  } catch {
    return 49_152;
  }
}

/** Whether it is this process's from now on. Where a system has one loopback address only, chance must do. */
async function isReserved(port: number): Promise<boolean> {
  const socket = createSocket("udp4").unref();
  socket.bind({ port, address: reservations, exclusive: true });
  return once(socket, "listening").then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code === "EADDRNOTAVAIL",
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const socket = createSocket("udp4");
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    socket.bind({ port, address: "127.0.0.1", exclusive: true });
    await once(socket, "listening");
    return true;
  } catch {
    return false;
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    socket.close();
  }
}
