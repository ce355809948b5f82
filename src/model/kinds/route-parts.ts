import { z } from "zod";
import { complain, duration, headerName, label, open, port, subdomain } from "./fields.ts";
import { backendObject, checkBackendPort, filter } from "./http-route-filter.ts";

/** What a route attaches to: a Gateway unless group and kind say otherwise. */
export const parentRef = open({
  group: z.string().max(253).optional(),
  kind: z.string().min(1).max(63).optional(),
  namespace: label.optional(),
  name: subdomain,
  sectionName: subdomain.optional(),
  port: port.optional(),
});
export type ParentRef = z.output<typeof parentRef>;

export const backendRef = open({
  ...backendObject,
  weight: z.int().min(0).max(1_000_000).optional(),
  filters: z.array(filter).max(16).optional(),
}).superRefine(checkBackendPort);
export type BackendRef = z.output<typeof backendRef>;

export const sessionPersistence = open({
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
