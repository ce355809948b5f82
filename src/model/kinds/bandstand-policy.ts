import { z } from "zod";
import { clients, errorPages } from "./client-policy.ts";
import { closed, complain, headerName, hostname, label, namespaced, subdomain } from "./fields.ts";
import { millisecondsIn } from "./limits.ts";
import { ourVersion } from "./wasm-component.ts";

const day = 86_400_000;
const routing = "gateway.networking.k8s.io";

/** What a policy is attached to, in its own namespace (GEP-713, GEP-2648). */
const targetRef = closed({
  group: z.enum(["", routing]),
  kind: z.enum(["Gateway", "GRPCRoute", "HTTPRoute", "ListenerSet", "Service"]),
  name: subdomain,
  /** A listener of the Gateway or ListenerSet, a named rule of the route, a named port of the Service. */
  sectionName: subdomain.optional(),
}).superRefine(({ group, kind }, context) => {
  const right = kind === "Service" ? "" : routing;
  if (group !== right) complain(context, ["group"], `${JSON.stringify(right)}, the group of ${kind}`);
});
export type PolicyTargetRef = z.output<typeof targetRef>;

const rateLimit = closed({
  name: label,
  by: closed({
    type: z.enum(["ClientAddress", "Header", "Everyone"]),
    header: headerName.transform((name) => name.toLowerCase()).optional(),
  })
    .superRefine(({ type, header }, context) => {
      if (type === "Header" && header === undefined) complain(context, ["header"], "the name of a header to count by");
      if (type !== "Header" && header !== undefined) complain(context, ["header"], `no header where type is ${type}`);
    })
    .default({ type: "ClientAddress" }),
  requests: z.int().min(1).max(1_000_000),
  per: millisecondsIn(1000, day, "a duration from 1s to 24h, such as 1s, 1m or 1h").prefault("1s"),
  burst: z.int().min(1).max(1_000_000).optional(),
});

const outlierDetection = closed({
  consecutiveErrors: z.int().min(1).max(1000).default(5),
  baseEjectionTime: millisecondsIn(100, 3_600_000, "a duration from 100ms to 1h").prefault("30s"),
  maxEjectionTime: millisecondsIn(100, day, "a duration from 100ms to 24h").prefault("5m"),
  maxEjectionPercent: z.int().min(0).max(100).default(50),
});

const healthCheck = closed({
  type: z.enum(["HTTP", "TCP"]).default("HTTP"),
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]{0,1023}$/, { error: "a path that begins with '/', without blanks" })
    .optional(),
  host: hostname.optional(),
  interval: millisecondsIn(100, 3_600_000, "a duration from 100ms to 1h").prefault("10s"),
  timeout: millisecondsIn(10, 60_000, "a duration from 10ms to 1m").prefault("2s"),
  healthyThreshold: z.int().min(1).max(100).default(2),
  unhealthyThreshold: z.int().min(1).max(100).default(3),
}).superRefine(({ type, path, host }, context) => {
  if (type === "HTTP") return;
  if (path !== undefined) complain(context, ["path"], "no path where type is TCP");
  if (host !== undefined) complain(context, ["host"], "no host where type is TCP");
});

const connections = closed({
  connectTimeout: millisecondsIn(10, 60_000, "a duration from 10ms to 1m").prefault("5s"),
  idleTimeout: millisecondsIn(100, 3_600_000, "a duration from 100ms to 1h").prefault("4s"),
});

const limits = closed({
  connections: z.int().min(1).max(65_535).optional(),
  pending: z.int().min(0).max(1_000_000).optional(),
  requests: z.int().min(1).max(1_000_000).optional(),
  retries: z.int().min(0).max(1_000_000).optional(),
});

/** What concerns a Gateway's connections, requests as they come in, and a backend. */
const ofGateways = ["clients", "errorPages"] as const;
const ofRequests = ["rateLimits"] as const;
const ofBackends = ["loadBalancing", "outlierDetection", "healthCheck", "connections", "limits"] as const;

/** What no target of a kind takes. */
const strangers = {
  Gateway: ofBackends,
  GRPCRoute: [...ofGateways, ...ofBackends],
  HTTPRoute: [...ofGateways, ...ofBackends],
  ListenerSet: ofBackends,
  Service: [...ofGateways, ...ofRequests],
} as const;

function rightful(field: string): string {
  if ((ofGateways as readonly string[]).includes(field)) return "Gateways and ListenerSets";
  return (ofRequests as readonly string[]).includes(field) ? "Gateways, ListenerSets and routes" : "Services";
}

const spec = closed({
  targetRefs: z.array(targetRef).min(1).max(16),
  clients: clients.optional(),
  errorPages: errorPages.optional(),
  rateLimits: z.array(rateLimit).min(1).max(16).optional(),
  loadBalancing: closed({ type: z.enum(["RoundRobin", "LeastRequests"]) }).optional(),
  outlierDetection: outlierDetection.optional(),
  healthCheck: healthCheck.optional(),
  connections: connections.optional(),
  limits: limits.optional(),
}).superRefine((value, context) => {
  const given = (fields: readonly (keyof typeof value)[]) => fields.filter((field) => value[field] !== undefined);
  const fields = [...ofGateways, ...ofRequests, ...ofBackends];
  if (given(fields).length === 0) {
    complain(context, [], `at least one of ${fields.join(", ")}`);
  }
  value.targetRefs.forEach(({ kind }, index) => {
    const [wrong] = given(strangers[kind]);
    if (wrong === undefined) return;
    const right = rightful(wrong);
    const remedy = `Write two policies: ${wrong} is for ${right}.`;
    complain(context, ["targetRefs", index, "kind"], `no ${kind}, since the policy has ${wrong}`, remedy);
  });
  const names = new Set<string>();
  value.rateLimits?.forEach(({ name }, index) => {
    if (names.has(name)) complain(context, ["rateLimits", index, "name"], "a name that no other limit here has");
    names.add(name);
  });
});

export const bandstandPolicy = closed({
  apiVersion: z.literal(ourVersion),
  kind: z.literal("BandstandPolicy"),
  metadata: namespaced(),
  spec,
  status: z.unknown().optional(),
});
/** Who clients are believed to be, how requests are limited, or how a backend is balanced, checked and protected. Parsed: times in milliseconds. */
export type BandstandPolicy = z.output<typeof bandstandPolicy>;
