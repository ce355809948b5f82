import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that a program asks, as the file beside it says. */
export interface ServerScript {
  name: string;
  /** closed: nobody listens there. */
  kind?: "http" | "closed";
  endpoints?: Endpoint[];
}

interface Endpoint {
  method: string;
  path: string;
  mode?: "echo-body" | "echo-headers";
  response?: {
    status?: number;
    headers?: Record<string, string>;
    body?: string;
    chunks?: string[];
    trailers?: Record<string, string>;
  };
}

/** What a program is told of its servers, by their names, and how they are ended. */
export interface Servers {
  environment: Record<string, string>;
  close(): void;
}

/** Starts each on a port of this machine. */
export async function startServers(scripts: readonly ServerScript[] = []): Promise<Servers> {
  const environment: Record<string, string> = {};
  const ends: (() => void)[] = [];
  for (const { name, kind = "http", endpoints = [] } of scripts) {
    const server = createServer(answering(endpoints));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    environment[`HTTP_SERVER_${name.toUpperCase()}`] = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const end = (): void => {
      server.closeAllConnections();
      server.close();
    };
    if (kind === "closed") end();
    else ends.push(end);
  }
  return { environment, close: () => ends.forEach((end) => end()) };
}

function answering(endpoints: readonly Endpoint[]): RequestListener {
  return (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const found = endpoints.find(({ method, path }) => method === request.method && path === request.url);
      response.shouldKeepAlive = false;
      if (found === undefined) return response.writeHead(404).end();
      if (found.mode === "echo-body") return response.end(Buffer.concat(pieces));
      if (found.mode === "echo-headers") return response.writeHead(200, told(request)).end();
      const { status = 200, headers = {}, body = "", chunks, trailers = {} } = found.response ?? {};
      if (chunks === undefined) return response.writeHead(status, headers).end(body);
      const names = Object.keys(trailers).join(", ");
      response.writeHead(status, { ...headers, ...(names !== "" && { trailer: names }) });
      for (const chunk of chunks) response.write(chunk);
      response.addTrailers(trailers);
      return response.end();
    });
  };
}

/** What came, as headers of an answer: pairs, since names may come more than once. */
function told({ method, url, rawHeaders, rawTrailers }: IncomingMessage): string[] {
  const prefixed = (prefix: string, raw: readonly string[]): string[] =>
    raw.map((text, index) => (index % 2 === 0 ? prefix + text.toLowerCase() : text));
  const line = ["x-request-method", method ?? "", "x-request-path", url ?? ""];
  return [...line, ...prefixed("x-echo-", rawHeaders), ...prefixed("x-trailer-", rawTrailers)];
}
