import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { createServer, request, Agent, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { loggerTo } from "../../src/foundation/log/index.ts";
import { createGateway, type Gateway } from "../../src/gateway/index.ts";
import type { GatewayPlan, ServicePlan, ServicePolicyPlan } from "../../src/model/plan/index.ts";

/** Larger than what kernels and the gateway hold for a client that does not read. Bytes. */
export const large = 16 << 20;

export interface StalledSite {
  port: number;
  gateway: Gateway;
  /** Requests that the backend works on, and the most of them. */
  backend: { open: number; most: number };
  close(): Promise<void>;
}

/** One worker before one backend that serves `/small`, `/large`, `/part`, `/of/BYTES`, `/events`, `/upload` and WebSockets. */
export async function startSite(
  policy?: ServicePolicyPlan,
  protocol: ServicePlan["protocol"] = "http",
): Promise<StalledSite> {
  const backend = { open: 0, most: 0 };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    backend.most = Math.max(backend.most, ++backend.open);
    outgoing.on("close", () => backend.open--).on("error", () => {});
    incoming.on("error", () => {});
    serve(incoming, outgoing);
  };
  const server = protocol === "h2c" ? createHttp2(listener as never) : createServer(listener);
  server.on("upgrade", (_request: IncomingMessage, socket: Socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gateway = createGateway({ preparedFolder: "/nonexistent", logger: loggerTo(() => {}), workers: 1 });
  await gateway.apply(planOf(0, (server.address() as AddressInfo).port, protocol, policy), new Map());
  const { port } = gateway.state().listeners[0]!;
  const close = async (): Promise<void> => {
    await gateway.close();
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  };
  return { port, gateway, backend, close };
}

function serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { url = "" } = incoming;
  if (url === "/upload") {
    incoming.on("data", () => {}).on("end", () => outgoing.end("taken"));
  } else if (url === "/large") {
    outgoing.writeHead(200, { "content-length": large });
    send(outgoing, large);
  } else if (url.startsWith("/of/")) {
    const size = Number(url.slice(4));
    outgoing.writeHead(200, { "content-length": size });
    send(outgoing, size);
  } else if (url === "/part") {
    // As much as shows that nobody takes it: all of it would only be work for the kernel.
    outgoing.writeHead(200, { "content-length": large });
    outgoing.write(Buffer.concat([piece, piece, piece, piece]));
  } else if (url === "/events") {
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    const timer = setInterval(() => outgoing.write("data: tick\n\n"), 500);
    outgoing.write("data: begin\n\n");
    outgoing.on("close", () => clearInterval(timer));
  } else outgoing.end("fine");
}

const piece = Buffer.alloc(65_536, "x");

function send(outgoing: ServerResponse, bytes: number): void {
  let left = bytes;
  const push = (): void => {
    while (left > 0 && !outgoing.destroyed) {
      const next = left < piece.length ? piece.subarray(0, left) : piece;
      left -= next.length;
      if (!outgoing.write(next)) return void outgoing.once("drain", push);
    }
    outgoing.end();
  };
  push();
}

function planOf(
  port: number,
  backendPort: number,
  protocol: ServicePlan["protocol"],
  policy: ServicePolicyPlan | undefined,
): GatewayPlan {
  const endpoints = [{ host: "127.0.0.1", port: backendPort }];
  return {
    site: "stalls",
    listeners: [{ id: "default/site/http", address: "127.0.0.1", port, protocol: "HTTP" }],
    routes: [
      {
        id: "default/all",
        attachments: [{ listener: "default/site/http", hostnames: [] }],
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/" }, headers: [], query: [] }],
            filters: [],
            backends: [{ weight: 1, target: { type: "Service", service: "default/s:80" }, filters: [] }],
            timeouts: {},
          },
        ],
      },
    ],
    services: [{ id: "default/s:80", protocol, source: "static", endpoints, ...(policy && { policy }) }],
    components: [],
  };
}

/** Whether an attack goes on, and how often it began again. */
export class Attack {
  on = true;
  begun = 0;
  readonly #ends: (() => void)[] = [];

  /** Called when it ends. */
  atEnd(end: () => void): void {
    this.#ends.push(end);
  }

  end(): void {
    this.on = false;
    for (const end of this.#ends) end();
  }
}

/** An HTTP/2 connection with so many requests whose answers it opens no window for; what is ended is asked for again. */
export function closedWindows(port: number, address: string, streams: number, attack: Attack, path = "/part"): void {
  const begin = (): void => {
    if (!attack.on) return;
    const session = connectHttp2(`http://127.0.0.1:${port}`, {
      settings: { initialWindowSize: 0 },
      localAddress: address,
    } as Parameters<typeof connectHttp2>[1] & object);
    attack.atEnd(() => session.destroy());
    session.on("error", () => {}).on("close", () => setTimeout(begin, 10));
    for (let count = 0; count < streams; count++) ask(session);
  };
  const ask = (session: ClientHttp2Session): void => {
    if (!attack.on || session.destroyed || session.closed) return;
    attack.begun++;
    const stream = session.request({ ":path": path });
    stream.on("error", () => {}).on("close", () => setTimeout(() => ask(session), 10));
  };
  begin();
}

/** A client of HTTP/1.1 that reads nothing of a large answer; when it is ended it comes again. */
export function deaf(port: number, address: string, attack: Attack): void {
  again(port, address, attack, (socket) => {
    socket.pause();
    socket.write("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    // Without reading nobody sees the end; writing does.
    const timer = setInterval(() => socket.write("\r\n"), 200);
    socket.on("close", () => clearInterval(timer));
  });
}

/** A client that sends a body a little at a time, a little faster than it must. */
export function trickle(port: number, address: string, attack: Attack): void {
  again(port, address, attack, (socket) => {
    socket.resume();
    socket.write("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
    const timer = setInterval(() => socket.write("x".repeat(60)), 100);
    socket.on("close", () => clearInterval(timer));
  });
}

function again(port: number, address: string, attack: Attack, act: (socket: Socket) => void): void {
  if (!attack.on) return;
  attack.begun++;
  const socket = connect({ port, host: "127.0.0.1", localAddress: address });
  attack.atEnd(() => socket.destroy());
  socket.on("error", () => {});
  socket.on("close", () => void setTimeout(() => again(port, address, attack, act), 10));
  act(socket);
}

export interface Neighbour {
  statuses: Record<number, number>;
  p99: number;
  count: number;
}

/** Requests of somebody who behaves, so many milliseconds long. */
export async function neighbour(
  port: number,
  milliseconds: number,
  path = "/small",
  address = "127.0.0.1",
): Promise<Neighbour> {
  const agent = new Agent({ keepAlive: true });
  const statuses: Record<number, number> = {};
  const times: number[] = [];
  const until = performance.now() + milliseconds;
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now();
      const status = await statusOf(port, path, address, agent);
      times.push(performance.now() - began);
      statuses[status] = (statuses[status] ?? 0) + 1;
      await sleep(20);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  agent.destroy();
  times.sort((one, other) => one - other);
  return { statuses, count: times.length, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

function statusOf(port: number, path: string, localAddress: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, path, agent, localAddress });
    sent.on("response", (incoming) => {
      incoming.resume();
      incoming.on("end", () => resolve(incoming.statusCode ?? 0)).on("error", () => resolve(-1));
    });
    sent.on("error", () => resolve(0)).end();
  });
}

/** Takes an answer by HTTP/2 slowly but steadily, and says how much of it came and whether it ended well. */
export async function slowReader(
  port: number,
  path: string,
  bytesASecond: number,
): Promise<{ bytes: number; code: number }> {
  const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 32_768 } });
  session.on("error", () => {});
  const stream = session.request({ ":path": path });
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    stream.pause();
    setTimeout(() => stream.resume(), (chunk.length * 1000) / bytesASecond);
  });
  return new Promise((resolve) => {
    stream
      .on("error", () => {})
      .on("close", () => {
        session.destroy();
        resolve({ bytes, code: stream.rstCode ?? -1 });
      });
  });
}

/** A stream of events that is read: whether it still goes on when it is asked to end. */
export function listener(port: number, path: "/events" | "/socket"): Promise<{ alive(): boolean; end(): void }> {
  const headers =
    path === "/socket" ? { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" } : {};
  return new Promise((resolve, reject) => {
    let alive = true;
    const gone = (): void => void (alive = false);
    const sent = request({ host: "127.0.0.1", port, path, agent: false, headers });
    sent.on("response", (incoming) => {
      incoming.resume().on("close", gone).on("error", gone);
      resolve({ alive: () => alive, end: () => sent.destroy() });
    });
    sent.on("upgrade", (_response, socket) => {
      socket.resume().on("close", gone).on("error", gone);
      resolve({ alive: () => alive, end: () => socket.destroy() });
    });
    sent.on("error", reject).end();
  });
}
