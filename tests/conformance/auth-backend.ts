import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server that authorizes was asked, and where it listens. */
export interface AuthBackend {
  port: number;
  asked(): { method: string; path: string; host: string; headers: Record<string, string>; body: string }[];
  close(): Promise<void>;
}

/**
 * Answers by the token: `ok` lets go on, with `x-user` and more; `redirect`, `odd` (204) and `broken` (500) do not, and
 * `reset-once` breaks the first connection of two. Any other one is 401.
 */
export async function startAuthBackend(): Promise<AuthBackend> {
  const asked: ReturnType<AuthBackend["asked"]> = [];
  let resets = 0;
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const piece of incoming.setEncoding("latin1")) body += String(piece);
    const { method = "", url: path = "", headers } = incoming;
    const fields = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    asked.push({ method, path, host: headers.host ?? "", headers: fields, body });
    const token = headers.authorization?.replace("Bearer ", "");
    if (token === "reset-once" && resets++ % 2 === 0) return void incoming.socket.destroy();
    if (token === "ok" || token === "reset-once") {
      outgoing.setHeader("x-user", "ada").setHeader("x-roles", ["a", "b"]).setHeader("content-type", "text/plain");
      return void outgoing.writeHead(200).end("fine");
    }
    if (token === "redirect") {
      return void outgoing.writeHead(302, { location: "https://login.example/", "set-cookie": "state=1" }).end();
    }
    if (token === "odd") return void outgoing.writeHead(204).end();
    if (token === "broken") return void outgoing.writeHead(500, { "x-secret": "trace" }).end("a stack trace");
    outgoing.writeHead(401, { "www-authenticate": "Bearer", "content-type": "text/plain" }).end("who are you?");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
