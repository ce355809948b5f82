import type { Endpoint } from "../../model/plan/index.ts";
import { EndpointPool, type PoolOptions } from "./http1/pool.ts";

interface Shared {
  pool: EndpointPool;
  users: number;
}

/** `host:port`, how an endpoint is named everywhere. */
export function endpointKey({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One pool of connections an endpoint and thread, shared by every service and configuration that names it. */
export class EndpointPools {
  readonly #shared = new Map<string, Shared>();
  readonly #options: Partial<PoolOptions>;

  constructor(options: Partial<PoolOptions> = {}) {
    this.#options = options;
  }

  take(endpoint: Endpoint): EndpointPool {
    const key = endpointKey(endpoint);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { pool: new EndpointPool(endpoint.host, endpoint.port, this.#options), users: 0 };
      this.#shared.set(key, shared);
    }
    shared.users++;
    return shared.pool;
  }

  /** The last one closes the pool; requests on it end normally. */
  release(endpoint: Endpoint): void {
    const key = endpointKey(endpoint);
    const shared = this.#shared.get(key);
    if (shared === undefined || --shared.users > 0) return;
    this.#shared.delete(key);
    shared.pool.close();
  }

  close(): void {
    for (const { pool } of this.#shared.values()) pool.close();
    this.#shared.clear();
  }
}
