import { connect } from "node:net";

/** Downloads one path again and again over a connection of its own each. Answers bytes. */
export async function body({ port, path, seconds }: { port: number; path: string; seconds: number }) {
  const buffer = Buffer.allocUnsafe(1 << 20);
  const began = performance.now();
  const end = began + seconds * 1000;
  let bytes = 0;
  while (performance.now() < end) {
    await new Promise<void>((resolve) => {
      const onread = {
        buffer,
        callback: (size: number): boolean => {
          bytes += size;
          if (performance.now() >= end) socket.destroy();
          return true;
        },
      };
      const socket = connect({ host: "127.0.0.1", port, onread } as never);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      socket.on("error", () => {}).on("close", () => resolve());
    });
  }
  return { requests: bytes, failed: 0, seconds: (performance.now() - began) / 1000 };
}
