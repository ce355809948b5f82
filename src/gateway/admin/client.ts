import { request, type IncomingMessage } from "node:http";
import { BandstandError } from "../../foundation/errors/index.ts";
import { shortSocketPath } from "./socket-path.ts";

export interface AdminReply {
  status: number;
  body: string;
}

/** Talks to the admin socket of a running process. Every call throws `not-running` where nobody listens. */
export interface AdminClient {
  get(path: string): Promise<AdminReply>;
  post(path: string): Promise<AdminReply>;
  /** The body as it comes, for `/logs`; ends when the signal aborts. Throws `usage` for an answer that is not 200. */
  stream(path: string, signal?: AbortSignal): AsyncIterable<string>;
}

export function adminClient(socketPath: string): AdminClient {
  return {
    get: async (path) => whole(await open(socketPath, "GET", path)),
    post: async (path) => whole(await open(socketPath, "POST", path)),
    async *stream(path, signal) {
      const response = await open(socketPath, "GET", path, signal);
      if (response.statusCode !== 200) {
        const { body } = await whole(response);
        throw new BandstandError("usage", fieldOf(body, "message") ?? body, { remedy: fieldOf(body, "remedy") });
      }
      try {
        for await (const piece of response) yield piece as string;
      } catch (error) {
        if (signal?.aborted !== true) throw error;
      }
    },
  };
}

function open(socketPath: string, method: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  const socket = (() => {
    try {
      return shortSocketPath(socketPath);
    } catch (error) {
      throw notRunning(socketPath, error);
    }
  })();
  return new Promise((resolve, reject) => {
    const options = { socketPath: socket.path, method, path, agent: false as const, headers: { host: "admin" } };
    const sent = request(signal === undefined ? options : { ...options, signal }, (response) => {
      resolve(response.setEncoding("utf8"));
    });
    // The name is looked up when the socket connects; after that the folder is not needed.
    sent.once("socket", (stream) => stream.once("connect", () => socket.release()));
    sent.once("error", (error: NodeJS.ErrnoException) => {
      socket.release();
      const gone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      reject(
        gone
          ? notRunning(socketPath, error)
          : new BandstandError("internal", `the admin socket: ${error.message}`, { cause: error }),
      );
    });
    sent.end();
  });
}

function notRunning(socketPath: string, cause: unknown): BandstandError {
  return new BandstandError("not-running", `nothing runs for this site: no process listens at ${socketPath}`, {
    remedy: "start it with `bandstand up DIR`",
    cause,
  });
}

async function whole(response: IncomingMessage): Promise<AdminReply> {
  let body = "";
  for await (const piece of response) body += piece as string;
  return { status: response.statusCode ?? 0, body };
}

function fieldOf(body: string, field: "message" | "remedy"): string | undefined {
  try {
    const value = (JSON.parse(body) as Record<string, unknown>)[field];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
