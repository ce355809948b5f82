import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Opens connections, has one request answered on each, and keeps them idle for a while; says so on stdout before. */
export async function idle({ port, connections, seconds }: Record<"port" | "connections" | "seconds", number>) {
  const sockets: Socket[] = [];
  const open = async (): Promise<void> => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await once(socket, "data");
    sockets.push(socket);
  };
  while (sockets.length < connections) {
    await Promise.all(Array.from({ length: Math.min(100, connections - sockets.length) }, open));
  }
  const alive = sockets.filter((socket) => !socket.destroyed).length;
  process.stdout.write("idle\n");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  for (const socket of sockets) socket.destroy();
  return { requests: alive, failed: connections - alive, seconds };
}
