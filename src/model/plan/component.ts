import type { ConfigValue } from "./site.ts";

/** One WasmComponent, resolved: what to load and what it may do. */
export interface ComponentPlan {
  /** `namespace/name`. */
  id: string;
  /** `sha256:<hex>` of the component's bytes; finds it in the prepared cache. */
  digest: string;
  /** request: a fresh state for every request. reuse: an instance serves many, one after the other. */
  isolation: "request" | "reuse";
  runtime: "v8" | "wasmedge";
  limits: ComponentLimits;
  capabilities: ComponentCapabilities;
  /** CA certificates in PEM that its requests trust beside the system's; absent: none. */
  authorities?: string[];
  /** `wasi:config/store` and environment. */
  config: Record<string, ConfigValue>;
  /**
   * Request headers, in lower case, that only this component may set. The gateway strips them
   * from outside requests on every route where it is a middleware.
   */
  identityHeaders: string[];
}

/** What is counted of a component, unless its YAML says otherwise. */
export const usualCounts = {
  /** Requests that one worker lets it work on at a time, and that wait there for their turn. */
  concurrency: 128,
  queue: 1024,
  /** Resources (handles) that an instance holds at a time. */
  resources: 10_000,
  /** Lines, and bytes in all, of one set of headers that it makes. */
  headers: 1000,
  headerBytes: 128 * 1024,
  /** Bytes that it writes to the log in a second, on one worker. */
  log: 64 * 1024,
} as const;

/** Bytes and milliseconds. Always complete: defaults are filled in by the model. */
export interface ComponentLimits extends Record<keyof typeof usualCounts, number> {
  memory: number;
  cpu: number;
  wall: number;
  requestBody: number;
  responseBody: number;
}

/** Nothing unless listed. */
export interface ComponentCapabilities {
  /** Requests to what is not listed are sent, counted and said, so that a list can be made; absent: refused. */
  mode?: "count";
  /** Key-value stores, by the names that a guest uses; components of one namespace share those of the same name. */
  keyValue: string[];
  /** Origins (`https://api.example.com`) and hosts (`api.example.com:8443`, `*.example.com`, `10.0.0.0/8`, `*`). */
  http: string[];
  /** Services of the site by the name a guest uses, with the `ServicePlan.id` each port leads to. */
  services: { authority: string; service: string }[];
}
