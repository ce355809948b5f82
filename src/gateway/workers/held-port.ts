import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, isIPv6, type AddressInfo } from "node:net";
import { listen, listenError } from "../listener/http1/listen-error.ts";

/** A port that the kernel picked, which no other process gets until it is released. */
export interface HeldPort {
  readonly port: number;
  /** Resolves once nothing listens here any more. Idempotent. */
  release(): Promise<void>;
}

/** UDP: another process may take the port between two steps, so often in a row only where something is wrong. */
const mostTries = 20;

/**
 * Picks a port and holds it by a socket that others of this process may stand beside.
 * @param shared such sockets are to be had here; without, whoever opens the port must release it before.
 * Throws `environment` with its remedy.
 */
export function holdPort(address: string, transport: "tcp" | "udp", shared: boolean): Promise<HeldPort> {
  return transport === "tcp" ? holdTcp(address, shared) : holdUdp(address, shared);
}

async function holdTcp(host: string, reusePort: boolean): Promise<HeldPort> {
  // Nobody was told of the port. Who comes all the same is told at once that nothing is served here.
  const server = createServer((socket) => socket.on("error", () => {}).resetAndDestroy());
  await listen(server, { host, port: 0, reusePort, exclusive: true });
  server.unref();
  const closed = once(server, "close");
  return {
    port: (server.address() as AddressInfo).port,
    release: async () => {
      if (server.listening) server.close();
      await closed;
    },
  };
}

/**
 * Asked for any port, the kernel may give a socket that shares one that another process of this user shares too. So one
 * that does not share picks it.
 */
async function holdUdp(address: string, reusePort: boolean): Promise<HeldPort> {
  for (let left = mostTries; ; left--) {
    const first = await boundUdp(address, 0, false);
    if (!reusePort) return first;
    await first.release();
    try {
      return await boundUdp(address, first.port, true);
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

async function boundUdp(address: string, port: number, reusePort: boolean): Promise<HeldPort> {
  const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", reusePort });
  const closed = once(socket, "close");
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, "listening");
  } catch (error) {
    socket.close();
    throw listenError(error as NodeJS.ErrnoException, address, port);
  }
  socket.unref();
  let open = true;
  return {
    port: socket.address().port,
    release: async () => {
      if (open) socket.close();
      open = false;
      await closed;
    },
  };
}
