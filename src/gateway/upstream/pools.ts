import type { Endpoint, ServicePlan } from "../../model/plan/index.ts";
import type { EndpointClient } from "./endpoint-client.ts";
import { EndpointPool, type PoolOptions } from "./http1/pool.ts";
import { Http2Client } from "./http2/client.ts";
import { ReadAhead } from "./places/read-ahead.ts";
import { Tunnels, tunnelsFor } from "./places/tunnels.ts";

interface Shared {
  client: EndpointClient;
  users: number;
}

/** `host:port`, how an endpoint is named everywhere. */
export function endpointKey({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Limits of the connections of one Service. */
export interface Bounds {
  /** Who shares them. */
  owner: string;
  options: Partial<PoolOptions>;
}

function keyOf(endpoint: Endpoint, protocol: ServicePlan["protocol"], bounds: Bounds | undefined): string {
  return `${protocol} ${endpointKey(endpoint)}${bounds === undefined ? "" : ` ${JSON.stringify(bounds)}`}`;
}

/** One client an endpoint, protocol and thread, shared by every service and configuration that names it. */
export class EndpointPools {
  readonly #shared = new Map<string, Shared>();
  readonly #options: Partial<PoolOptions>;
  readonly #readAhead = new ReadAhead();
  readonly #tunnels: Tunnels;

  /** @param workers threads that share the files of the process. */
  constructor(options: Partial<PoolOptions> = {}, workers = 1) {
    this.#options = options;
    this.#tunnels = new Tunnels(tunnelsFor(workers));
  }

  /** Connections now, of all. */
  get connections(): number {
    let count = 0;
    for (const { client } of this.#shared.values()) count += client.connections;
    return count;
  }

  /** @param bounds limits of its user; who has any shares with nobody else. */
  take(endpoint: Endpoint, protocol: ServicePlan["protocol"], bounds?: Bounds): EndpointClient {
    const key = keyOf(endpoint, protocol, bounds);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { client: this.#connectTo(endpoint, protocol, bounds), users: 0 };
      this.#shared.set(key, shared);
    }
    shared.users++;
    return shared.client;
  }

  /** The last one closes the pool; requests on it end normally. */
  release(endpoint: Endpoint, protocol: ServicePlan["protocol"], bounds?: Bounds): void {
    const key = keyOf(endpoint, protocol, bounds);
    const shared = this.#shared.get(key);
    if (shared === undefined || --shared.users > 0) return;
    this.#shared.delete(key);
    shared.client.close();
  }

  close(): void {
    for (const { client } of this.#shared.values()) client.close();
    this.#shared.clear();
  }

  #connectTo({ host, port }: Endpoint, protocol: ServicePlan["protocol"], bounds?: Bounds): EndpointClient {
    const readAhead = this.#readAhead;
    if (protocol === "h2c") return new Http2Client(host, port, { ...bounds?.options, readAhead });
    return new EndpointPool(host, port, { ...this.#options, ...bounds?.options, readAhead, tunnels: this.#tunnels });
  }
}
