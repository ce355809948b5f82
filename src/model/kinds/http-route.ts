import { z } from "zod";
import { duration, hostnameOrAddress, namespaced, open, subdomain } from "./fields.ts";
import { filter } from "./http-route-filter.ts";
import { match } from "./http-route-match.ts";
import { checkRule } from "./http-route-rule.ts";
import { backendRef, parents, sessionPersistence } from "./route-parts.ts";

const rule = open({
  name: subdomain.optional(),
  matches: z.array(match).max(64).optional(),
  filters: z.array(filter).max(16).optional(),
  backendRefs: z.array(backendRef).max(16).optional(),
  timeouts: open({ request: duration.optional(), backendRequest: duration.optional() }).optional(),
  retry: open({
    codes: z.array(z.int().min(400).max(599)).optional(),
    attempts: z.int().optional(),
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
    ...parents,
    hostnames: z.array(hostnameOrAddress).max(16).optional(),
    rules: z.array(rule).min(1).max(16).optional(),
  }),
});
/** HTTPRoute of gateway.networking.k8s.io/v1 and v1beta1; fields as written, defaults are the planner's. */
export type HTTPRoute = z.output<typeof httpRoute>;
