import { connect } from "node:tls";

/** What is asked of `handshakes`. */
interface Wish {
  port: number;
  seconds: number;
  /** So many at once. */
  clients: number;
  /** For the key exchange, the preferred one first; default: those of Node, which begin with a post-quantum one. */
  groups?: string;
}

/** Full TLS handshakes, each with one request, for a while: no session is resumed. Answers how many were done. */
export async function handshakes({ port, seconds, clients, groups }: Wish) {
  const options = { host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false };
  const chosen = groups === undefined ? options : { ...options, ecdhCurve: groups };
  const end = performance.now() + seconds * 1000;
  const began = performance.now();
  let done = 0;
  let failed = 0;
  const one = (): Promise<boolean> =>
    new Promise((resolve) => {
      let answered = false;
      const socket = connect(chosen);
      socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"));
      socket.on("data", (data: Buffer) => (answered ||= data.toString("latin1", 9, 12) === "200"));
      socket.on("error", () => {}).on("close", () => resolve(answered));
    });
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      if (await one()) done++;
      else failed++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { requests: done, failed, seconds: (performance.now() - began) / 1000 };
}
