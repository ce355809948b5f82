import type { Endpoint, ServicePlan } from "../../model/plan/index.ts";
import type { EndpointClient } from "./endpoint-client.ts";
import { EndpointPool, type PoolOptions } from "./http1/pool.ts";
import { Http2Client } from "./http2/client.ts";

interface Shared {
  client: EndpointClient;
  users: number;
}

/** `host:port`, how an endpoint is named everywhere. */
export function endpointKey({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One client an endpoint, protocol and thread, shared by every service and configuration that names it. */
export class EndpointPools {
  readonly #shared = new Map<string, Shared>();
  readonly #options: Partial<PoolOptions>;

  constructor(options: Partial<PoolOptions> = {}) {
    this.#options = options;
  }

  take(endpoint: Endpoint, protocol: ServicePlan["protocol"]): EndpointClient {
    const key = `${protocol} ${endpointKey(endpoint)}`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { client: this.#connectTo(endpoint, protocol), users: 0 };
      this.#shared.set(key, shared);
    }
    shared.users++;
    return shared.client;
  }

  /** The last one closes the pool; requests on it end normally. */
  release(endpoint: Endpoint, protocol: ServicePlan["protocol"]): void {
    const key = `${protocol} ${endpointKey(endpoint)}`;
    const shared = this.#shared.get(key);
    if (shared === undefined || --shared.users > 0) return;
    this.#shared.delete(key);
    shared.client.close();
  }

  close(): void {
    for (const { client } of this.#shared.values()) client.close();
    this.#shared.clear();
  }

  #connectTo({ host, port }: Endpoint, protocol: ServicePlan["protocol"]): EndpointClient {
    return protocol === "h2c" ? new Http2Client(host, port) : new EndpointPool(host, port, this.#options);
  }
}
