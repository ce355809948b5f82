import { Agent, request } from "undici";
import type { Readable } from "node:stream";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";

/** Milliseconds that Podman may take to answer an ordinary call; stopping and pulling have their own. */
const patience = 120_000;
/** Bytes of an answer that is read as a whole. */
const largest = 64 * 1024 * 1024;

export interface Call {
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  body?: Readable;
  contentType?: string;
  signal?: AbortSignal;
  /** Milliseconds until the head of the answer. */
  timeout?: number;
  /** Statuses that are answers too, not failures. */
  accept?: readonly number[];
}

/** An answer that was read. `value` is undefined where the body was empty. */
export interface Answer {
  status: number;
  value: unknown;
}

/** Podman's REST interface (libpod) on a unix socket. Failures are `engine-failed`, or `engine-broken` where nobody answers. */
export class PodmanClient {
  readonly socket: string;
  readonly #agent: Agent;

  constructor(socket: string) {
    this.socket = socket;
    this.#agent = new Agent({ connect: { socketPath: socket }, headersTimeout: 0, bodyTimeout: 0 });
  }

  async call(method: "GET" | "POST" | "DELETE", path: string, options: Call = {}): Promise<Answer> {
    const { status, stream } = await this.stream(method, path, options);
    const text = await readAll(stream);
    const value = parse(text);
    if (status < 400 || options.accept?.includes(status)) return { status, value };
    throw new BandstandError(
      "engine-failed",
      `podman: ${complaintOf(value) ?? `status ${status}`} (${method} ${path})`,
    );
  }

  async get(path: string, query: Call["query"] = {}): Promise<unknown> {
    return (await this.call("GET", path, { query })).value;
  }

  async post(path: string, json: unknown = {}, options: Call = {}): Promise<Answer> {
    return this.call("POST", path, { json, ...options });
  }

  /** The answer's body as it comes. The caller reads or destroys it. */
  async stream(
    method: "GET" | "POST" | "DELETE",
    path: string,
    options: Call = {},
  ): Promise<{ status: number; stream: Readable }> {
    const { query = {}, json, body, contentType, signal, timeout = patience } = options;
    const words = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`],
    );
    const target = `http://d/v4.0.0/libpod/${path}${words.length > 0 ? `?${words.join("&")}` : ""}`;
    const type = contentType ?? (json === undefined ? undefined : "application/json");
    try {
      const answer = await request(target, {
        method,
        dispatcher: this.#agent,
        headersTimeout: timeout,
        ...(signal ? { signal } : {}),
        ...(type ? { headers: { "content-type": type } } : {}),
        body: body ?? (json === undefined ? null : JSON.stringify(json)),
      });
      return { status: answer.statusCode, stream: answer.body };
    } catch (error) {
      throw unreachable(error, this.socket, path);
    }
  }

  /** Whether somebody answers. */
  async ping(timeout = 2000): Promise<boolean> {
    try {
      return (await this.call("GET", "_ping", { timeout })).status === 200;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > largest) throw new BandstandError("engine-failed", `podman answers more than ${largest} bytes`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function complaintOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim();
  if (typeof value !== "object" || value === null) return undefined;
  const { message, cause } = value as { message?: unknown; cause?: unknown };
  return [message, cause].find((text) => typeof text === "string");
}

function unreachable(error: unknown, socket: string, path: string): BandstandError {
  if (error instanceof BandstandError) return error;
  return new BandstandError("engine-broken", `podman does not answer on ${socket} (${path}): ${messageOf(error)}`, {
    cause: error,
    remedy: "Run `bandstand doctor`.",
  });
}
