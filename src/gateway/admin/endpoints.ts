/** What the admin server shows and does; the program that wires the parts gives it. */
export interface AdminCallbacks {
  /** All listeners are open and serve. */
  ready(): boolean;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** The plan that is served; plans hold no secret value. */
  config(): unknown;
  status(): unknown;
  /** Log lines, as text with line ends; ends when the signal aborts. Undefined: nothing has this name. */
  logs(query: URLSearchParams, signal: AbortSignal): AsyncIterable<string> | undefined;
  /** Reads the folder again. Answers with what came of it, as data. */
  reload(): Promise<unknown>;
  /** Begins to stop; answers before that is done. */
  stop(query: URLSearchParams): void;
}

/** What one endpoint answers. */
export type AdminAnswer =
  | { status: number; type: "application/json"; body: unknown }
  | { status: number; type: "text/plain; charset=utf-8" | "text/plain; version=0.0.4; charset=utf-8"; body: string }
  | { status: 200; type: "text/plain; charset=utf-8"; stream: AsyncIterable<string> };

export interface AdminEndpoint {
  method: "GET" | "POST";
  path: string;
  /** It changes something: only over the unix socket, where file rights say who may. */
  changes: boolean;
  act(callbacks: AdminCallbacks, query: URLSearchParams, signal: AbortSignal): AdminAnswer | Promise<AdminAnswer>;
}

const text = (status: number, body: string): AdminAnswer => ({ status, type: "text/plain; charset=utf-8", body });
const json = (status: number, body: unknown): AdminAnswer => ({ status, type: "application/json", body });
const reads = { method: "GET", changes: false } as const;
const changes = { method: "POST", changes: true } as const;

/** Every endpoint of the admin server. */
export const endpoints: AdminEndpoint[] = [
  { ...reads, path: "/healthz", act: () => text(200, "ok\n") },
  { ...reads, path: "/readyz", act: (its) => (its.ready() ? text(200, "ready\n") : text(503, "not ready\n")) },
  {
    ...reads,
    path: "/metrics",
    act: async (its) => ({
      status: 200,
      type: "text/plain; version=0.0.4; charset=utf-8",
      body: await its.metrics(),
    }),
  },
  { ...reads, path: "/config", act: (its) => json(200, its.config()) },
  { ...reads, path: "/status", act: async (its) => json(200, await its.status()) },
  {
    ...reads,
    path: "/logs",
    act(its, query, signal) {
      const stream = its.logs(query, signal);
      if (stream === undefined) return json(404, { message: "nothing that has logs has this name" });
      return { status: 200, type: "text/plain; charset=utf-8", stream };
    },
  },
  { ...changes, path: "/reload", act: async (its) => json(200, await its.reload()) },
  {
    ...changes,
    path: "/stop",
    act(its, query) {
      its.stop(query);
      return json(202, { stopping: true });
    },
  },
];
