import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a backend says that it got. */
export interface Seen {
  backend: string;
  method: string;
  /** With the query. */
  path: string;
  host: string;
  /** Values of one name joined by commas, names in lower case. */
  headers: Record<string, string>;
  body: string;
}

export interface TestBackend {
  port: number;
  /** Requests taken. */
  count(): number;
  /** What it got, the latest last. */
  taken(): Seen[];
  /** It answers nothing until it is let go. */
  hold(): () => void;
  close(): Promise<void>;
}

/**
 * A backend that answers with what it got. The query steers it: `status=204`, `delay=300` milliseconds before the head,
 * `stall=300` before the end of the body, `header=name:value` any number of times, `bytes=1000000` of body. Of the requests
 * with the same `uuid` the first `fail=2` fail: with `status=503`, with `reset`, or after `slow=300` milliseconds.
 */
export async function startBackend(name: string): Promise<TestBackend> {
  let count = 0;
  const taken: Seen[] = [];
  let free: Promise<void> | undefined;
  const tries = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    count++;
    const query = new URL(incoming.url ?? "/", "http://backend").searchParams;
    const uuid = query.get("uuid");
    const attempt = uuid === null ? Infinity : (tries.get(uuid) ?? 0);
    if (uuid !== null) tries.set(uuid, attempt + 1);
    const fails = attempt < Number(query.get("fail") ?? 0);
    if (fails && query.has("reset")) return void incoming.socket.destroy();
    if (uuid !== null && !fails) query.delete("status");
    if (fails) query.set("delay", query.get("slow") ?? "0");
    void answer(name, query, taken, incoming, outgoing, free);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // The same on IPv6, where this machine has it.
  const twin = createServer((incoming, outgoing) => void server.emit("request", incoming, outgoing));
  await new Promise<void>((resolve) => {
    twin.once("error", () => resolve());
    twin.listen(port, "::1", resolve);
  });
  return {
    port,
    count: () => count,
    taken: () => taken,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      free = promise;
      return resolve;
    },
    close: () =>
      new Promise((resolve) => {
        twin.close();
        twin.closeAllConnections();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  name: string,
  query: URLSearchParams,
  taken: Seen[],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  free: Promise<void> | undefined,
): Promise<void> {
  let body = "";
  incoming.setEncoding("latin1");
  try {
    for await (const piece of incoming) body += piece as string;
  } catch {
    return;
  }
  await pause(query.get("delay"));
  await free;
  for (const line of query.getAll("header")) {
    const [header = "", value = ""] = line.split(":");
    outgoing.appendHeader(header, value);
  }
  outgoing.statusCode = Number(query.get("status") ?? 200);
  const seen: Seen = {
    backend: name,
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    host: incoming.headers.host ?? "",
    headers: Object.fromEntries(
      Object.entries(incoming.headersDistinct).map(([header, values]) => [header, (values ?? []).join(",")]),
    ),
    body,
  };
  taken.push(seen);
  const bytes = query.get("bytes");
  if (bytes !== null) {
    outgoing.setHeader("content-length", bytes);
    return void outgoing.end(Buffer.alloc(Number(bytes), "x"));
  }
  outgoing.setHeader("content-type", "application/json");
  if (query.has("stall")) {
    outgoing.write(" ");
    await pause(query.get("stall"));
  }
  outgoing.end(outgoing.statusCode === 204 ? undefined : JSON.stringify(seen));
}

function pause(milliseconds: string | null): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Number(milliseconds ?? 0)));
}
