/** One limit of requests, as a token bucket: so many in a time, so many of them at once. */
export interface RateLimitPlan {
  /** `namespace/policy/limit@Kind/name[/section]`: equal ones count together. */
  id: string;
  /** What clients read in the RateLimit fields. */
  name: string;
  /** Requests without the header count together. */
  by: { type: "ClientAddress" } | { type: "Header"; header: string } | { type: "Everyone" };
  requests: number;
  /** Milliseconds. */
  per: number;
  burst: number;
}

/** Who stands between clients and a listener. */
export interface ClientsPlan {
  /** Networks (`10.0.0.0/8`) or addresses; empty: nobody is believed. */
  trustedProxies: string[];
  /** Connections of trusted proxies begin with the PROXY protocol. */
  proxyProtocol: boolean;
  via?: string;
  /** Bytes a second that bodies of requests come with at least, on average; 0: however slowly. */
  minimumBodyRate?: number;
  createTraces: boolean;
}

/** A page for one status, or for all of a class. */
export interface ErrorPagePlan {
  status: number | "4xx" | "5xx";
  /** Of its content. */
  type: string;
  page: string;
}

/** How bodies may be compressed, the first one that a client takes. */
export type Compression = "zstd" | "br" | "gzip";

/** How the certificate of a backend is checked (BackendTLSPolicy). */
export interface BackendTlsPlan {
  /** The name that is asked for, and in the certificate unless `names` says others. */
  hostname: string;
  /** PEM, or those that this machine trusts. */
  authorities: string[] | "System";
  /** One of them is in the certificate; empty: `hostname`. */
  names: { type: "Hostname" | "URI"; value: string }[];
}

/** How the endpoints of a Service are chosen, watched and protected. What is undefined has the gateway's default. */
export interface ServicePolicyPlan {
  balancing?: "RoundRobin" | "LeastRequests";
  outliers?: OutlierPlan;
  check?: HealthCheckPlan;
  /** Milliseconds. */
  connectTimeout?: number;
  idleTimeout?: number;
  /** Over all worker threads. Connections and pending requests an endpoint, requests and retries a Service. */
  limits?: { connections?: number; pending?: number; requests?: number; retries?: number };
  retryBudget?: RetryBudgetPlan;
}

/** Endpoints that fail so often in a row are left out for a time that grows. */
export interface OutlierPlan {
  consecutiveErrors: number;
  /** Milliseconds. */
  baseEjectionTime: number;
  maxEjectionTime: number;
  maxEjectionPercent: number;
}

export interface HealthCheckPlan {
  /** HTTP: 200 to 399 within the timeout is healthy. */
  probe: { type: "HTTP"; path: string; host?: string } | { type: "TCP" };
  /** Milliseconds. */
  interval: number;
  timeout: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
}

/** Retries at most, as a share of the requests of a time, but so many always (GEP-3388). */
export interface RetryBudgetPlan {
  percent: number;
  /** Milliseconds. */
  interval: number;
  least: { count: number; interval: number };
}
