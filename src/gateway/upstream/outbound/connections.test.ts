import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../../foundation/certificates/index.ts";
import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest } from "../../../foundation/http/index.ts";
import { httpErrorOf } from "../../../wasm/host/http/error-code.ts";
import { Origins } from "./origin.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => (server.close(), server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

/** Sends to this machine by `origins`, and reads the body's beginning. */
function sender(port: number, origins = new Origins(), scheme: "http" | "https" = "http", host = "127.0.0.1") {
  cleanups.push(() => origins.close());
  return async (fields: Partial<HttpRequest> = {}, connect = 5000): Promise<string> => {
    const request = { method: "GET", scheme, authority: `${host}:${port}`, target: "/", headers: [], body: undefined };
    const { body } = await origins.send({ ...request, ...fields }, { scheme, host, port }, connect).response;
    return String(body);
  };
}

const code = (error: unknown): string => (error as BandstandError).code;

describe("connections to an origin", () => {
  /** Answers the first request of each connection and breaks with the second. */
  const breaking = async (): Promise<{ port: number; connections: Set<Socket> }> => {
    const connections = new Set<Socket>();
    const listener: RequestListener = ({ socket }, outgoing) => {
      if (connections.has(socket)) return void socket.destroy();
      connections.add(socket);
      outgoing.end("there");
    };
    return { port: await listen(createServer(listener)), connections };
  };

  it("that died unseen are no matter for what may be done twice", async () => {
    const { port, connections } = await breaking();
    const send = sender(port);
    for (let i = 0; i < 4; i++) expect(await send()).toBe("there");
    expect(connections.size).toBe(4);
  });

  it("that die end what may not be done twice", async () => {
    const { port, connections } = await breaking();
    const send = sender(port);
    await send();
    const error: unknown = await send({ method: "POST", body: "order" }).catch((reason: unknown) => reason);
    expect([code(error), httpErrorOf(error)]).toEqual(["backend-reset", { name: "connection-terminated" }]);
    expect(connections.size).toBe(1);
  });

  it("are not used where the server gives them up soon", async () => {
    let connections = 0;
    const server = createServer((_, outgoing) => void outgoing.setHeader("keep-alive", "timeout=1").end("there"));
    const send = sender(await listen(server.on("connection", () => connections++)));
    for (let i = 0; i < 3; i++) await send({ method: "POST", body: "order" });
    expect(connections).toBe(3);
  });

  it("go on with the session of another", async () => {
    const resumed: boolean[] = [];
    const { certificate, key } = selfSigned(["localhost"]);
    const server = createSecureServer({ cert: certificate, key }, (_, outgoing) =>
      outgoing.setHeader("connection", "close").end("there"),
    ).on("secureConnection", (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
    const send = sender(await listen(server), new Origins([certificate]), "https", "localhost");
    for (let i = 0; i < 3; i++) await send();
    expect(resumed).toEqual([false, true, true]);
  });

  it("are waited for no longer than the guest says", async () => {
    const port = await listen(createServer(() => {}));
    const send = sender(port);
    const failed = Array.from({ length: 256 }, () => send().catch(code));
    const error: unknown = await send({}, 50).catch((reason: unknown) => reason);
    expect([code(error), httpErrorOf(error)]).toEqual(["backend-timeout", { name: "connection-timeout" }]);
    for (const clean of cleanups.splice(0)) clean();
    await Promise.all(failed);
  });
});
