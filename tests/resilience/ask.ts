import { request, type Agent, type IncomingMessage } from "node:http";

export interface Answer {
  /** 0: the connection ended before a head came. */
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
  /** The response broke before its end. */
  broken: boolean;
  milliseconds: number;
}

export interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  signal?: AbortSignal;
  /** Keeps connections for more requests; without, each request has its own. */
  agent?: Agent;
}

/** Never rejects: what went wrong is in the answer. */
export function ask(
  port: number,
  path: string,
  { method = "GET", headers = {}, body, signal, agent }: AskOptions = {},
): Promise<Answer> {
  const started = performance.now();
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined;
    let text = "";
    const finish = (broken: boolean): void =>
      resolve({
        status: response?.statusCode ?? 0,
        headers: response?.headers ?? {},
        body: text,
        broken,
        milliseconds: performance.now() - started,
      });
    const sent = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers,
      agent: agent ?? false,
      ...(signal && { signal }),
    });
    sent.on("response", (incoming) => {
      response = incoming.setEncoding("latin1");
      incoming.on("data", (piece: string) => (text += piece));
      incoming.on("end", () => finish(!incoming.complete));
      incoming.on("error", () => finish(true));
    });
    sent.on("error", () => finish(true));
    sent.end(body);
  });
}
