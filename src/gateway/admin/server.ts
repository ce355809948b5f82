import { chmodSync, lstatSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { listen } from "../listener/http1/listen-error.ts";
import { endpoints, type AdminAnswer, type AdminCallbacks } from "./endpoints.ts";
import { shortSocketPath, type SocketPath } from "./socket-path.ts";

export interface AdminOptions {
  /** Unix socket, made with mode 0600 in a folder that only we may enter. */
  socketPath: string;
  /** Also on TCP, for reading only. Port 0 picks one. */
  tcp?: { host: string; port: number };
  callbacks: AdminCallbacks;
}

/** Health, metrics, state and control of one process. Life: `open` → `close`. */
export class AdminServer {
  readonly #options: AdminOptions;
  readonly #unix: Server;
  readonly #tcp: Server;
  #path: SocketPath | undefined;

  constructor(options: AdminOptions) {
    this.#options = options;
    this.#unix = createServer((request, response) => void this.#serve(request, response, true));
    this.#tcp = createServer((request, response) => void this.#serve(request, response, false));
  }

  /** Throws `environment` or `port-in-use`. */
  async open(): Promise<void> {
    const { socketPath, tcp } = this.#options;
    removeStale(socketPath);
    this.#path = shortSocketPath(socketPath);
    await listenPrivately(this.#unix, this.#path.path, socketPath);
    if (tcp === undefined) return;
    await listen(this.#tcp, { host: tcp.host, port: tcp.port });
  }

  /** Where TCP is served; undefined where it is not. */
  get address(): { host: string; port: number } | undefined {
    const bound = this.#tcp.address() as AddressInfo | null;
    return bound === null ? undefined : { host: bound.address, port: bound.port };
  }

  /** Ends also what still streams. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([closed(this.#unix), closed(this.#tcp)]);
    if (this.#path === undefined) return;
    this.#path.release();
    this.#path = undefined;
    removeStale(this.#options.socketPath);
  }

  async #serve(request: IncomingMessage, response: ServerResponse, trusted: boolean): Promise<void> {
    const ended = new AbortController();
    response.on("close", () => ended.abort());
    try {
      request.resume();
      await send(response, await this.#answer(request, trusted, ended.signal), ended.signal);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else await send(response, failure(error), ended.signal);
    }
  }

  #answer(request: IncomingMessage, trusted: boolean, signal: AbortSignal): AdminAnswer | Promise<AdminAnswer> {
    if (!trusted && !this.#isOwnHost(request.headers.host)) {
      return problem(403, "this Host is not one of this server's own names");
    }
    const url = new URL(request.url ?? "/", "http://admin");
    const method = request.method === "HEAD" ? "GET" : request.method;
    const there = endpoints.filter(({ path }) => path === url.pathname);
    const endpoint = there.find((candidate) => candidate.method === method);
    if (there.length === 0) {
      return problem(404, `there is no ${url.pathname}; there are ${endpoints.map(({ path }) => path).join(", ")}`);
    }
    if (endpoint === undefined)
      return problem(405, `${url.pathname} takes ${there.map((one) => one.method).join(", ")}`);
    if (endpoint.changes && !trusted) return problem(403, `${url.pathname} works over the unix socket only`);
    return endpoint.act(this.#options.callbacks, url.searchParams, signal);
  }

  /**
   * A web page can point a name of its own at our address (DNS rebinding) and then read what we answer:
   * only names that nobody else can own are taken.
   */
  #isOwnHost(host: string | undefined): boolean {
    const port = this.address?.port;
    const names = ["localhost", "127.0.0.1", "[::1]", this.#options.tcp?.host ?? ""];
    return (
      host !== undefined && names.some((name) => host.toLowerCase() === `${bracketed(name.toLowerCase())}:${port}`)
    );
  }
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function problem(status: number, message: string): AdminAnswer {
  return { status, type: "application/json", body: { message } };
}

function failure(error: unknown): AdminAnswer {
  if (!(error instanceof BandstandError)) return problem(500, messageOf(error));
  const { code, message, remedy } = error;
  return { status: error.fault === "user" ? 409 : 500, type: "application/json", body: { code, message, remedy } };
}

async function send(response: ServerResponse, answer: AdminAnswer, signal: AbortSignal): Promise<void> {
  response.writeHead(answer.status, { "content-type": answer.type, "cache-control": "no-store" });
  if ("stream" in answer) {
    response.flushHeaders();
    for await (const piece of answer.stream) {
      if (signal.aborted) return;
      if (!response.write(piece))
        await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    response.end();
  } else response.end(typeof answer.body === "string" ? answer.body : `${JSON.stringify(answer.body, undefined, 2)}\n`);
}

/** Binds with mode 0600 from the first moment: `listen` binds before it returns. */
function listenPrivately(server: Server, path: string, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const before = process.umask(0o177);
    try {
      server.once("error", (error) =>
        reject(
          new BandstandError("environment", `the admin socket ${shown} cannot be made: ${messageOf(error)}`, {
            remedy: "check that its folder is there, is yours, and is on a file system with unix sockets",
            cause: error,
          }),
        ),
      );
      server.listen(path, () => {
        chmodSync(path, 0o600);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/** The state folder is locked by this process: a socket in it was left by one that was killed. */
function removeStale(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path, { force: true });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
