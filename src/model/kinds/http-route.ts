import { z } from "zod";
import { complain, duration, headerName, hostname, label, namespaced, open, port, subdomain } from "./fields.ts";
import { backendObject, checkBackendPort, filter } from "./http-route-filter.ts";
import { match } from "./http-route-match.ts";
import { checkRule } from "./http-route-rule.ts";

const parentRef = open({
  group: z.string().max(253).optional(),
  kind: z.string().min(1).max(63).optional(),
  namespace: label.optional(),
  name: subdomain,
  sectionName: subdomain.optional(),
  port: port.optional(),
});
export type ParentRef = z.output<typeof parentRef>;

const backendRef = open({
  ...backendObject,
  weight: z.int().min(0).max(1_000_000).optional(),
  filters: z.array(filter).max(16).optional(),
}).superRefine(checkBackendPort);
export type BackendRef = z.output<typeof backendRef>;

const sessionPersistence = open({
  sessionName: z.string().max(128).optional(),
  type: z.enum(["Cookie", "Header"]).optional(),
  absoluteTimeout: duration.optional(),
  idleTimeout: duration.optional(),
  cookieConfig: open({ lifetimeType: z.enum(["Permanent", "Session"]).optional() }).optional(),
}).superRefine((session, context) => {
  if (session.cookieConfig?.lifetimeType === "Permanent" && session.absoluteTimeout === undefined) {
    complain(context, ["absoluteTimeout"], "a duration, since cookieConfig.lifetimeType is Permanent");
  }
  const { sessionName = "session" } = session;
  if (!headerName.safeParse(sessionName).success) {
    complain(context, ["sessionName"], "letters, digits and !#$%&'*+-.^_`|~: it becomes a cookie or header name");
  }
});

const rule = open({
  name: subdomain.optional(),
  matches: z.array(match).max(64).optional(),
  filters: z.array(filter).max(16).optional(),
  backendRefs: z.array(backendRef).max(16).optional(),
  timeouts: open({ request: duration.optional(), backendRequest: duration.optional() }).optional(),
  retry: open({
    codes: z.array(z.int().min(400).max(599)).optional(),
    attempts: z.int().min(0).max(100).optional(),
    backoff: duration.optional(),
  }).optional(),
  sessionPersistence: sessionPersistence.optional(),
}).superRefine(checkRule);
export type HTTPRouteRule = z.output<typeof rule>;

export const httpRoute = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]),
  kind: z.literal("HTTPRoute"),
  metadata: namespaced(),
  spec: open({
    parentRefs: z.array(parentRef).max(32).optional(),
    hostnames: z.array(hostname).max(16).optional(),
    rules: z.array(rule).min(1).max(16).optional(),
  }),
});
/** HTTPRoute of gateway.networking.k8s.io/v1 and v1beta1; fields as written, defaults are the planner's. */
export type HTTPRoute = z.output<typeof httpRoute>;
