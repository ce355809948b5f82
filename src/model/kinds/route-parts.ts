import { z } from "zod";
import { complain, duration, headerName, label, open, port, referenceName, subdomain } from "./fields.ts";
import { backendObject, checkBackendPort, filter } from "./http-route-filter.ts";

/** What a route attaches to: a Gateway unless group and kind say otherwise. */
const parentRef = open({
  group: z.string().max(253).optional(),
  kind: z.string().min(1).max(63).optional(),
  namespace: label.optional(),
  name: referenceName,
  sectionName: subdomain.optional(),
  port: port.optional(),
});
export type ParentRef = z.output<typeof parentRef>;

/** Which routes a Gateway takes that do not name it (GEP-3793): all that ask for it, or none. */
export const defaultScope = z.enum(["All", "None"]);

/** What every kind of route says of its parents. */
export const parents = {
  parentRefs: z.array(parentRef).max(32).optional(),
  /** It attaches to every Gateway of this scope too. */
  useDefaultGateways: defaultScope.optional(),
};

export const backendRef = open({
  ...backendObject,
  weight: z.int().min(0).max(1_000_000).optional(),
  filters: z.array(filter).max(16).optional(),
}).superRefine(checkBackendPort);
export type BackendRef = z.output<typeof backendRef>;

/** GEP-1619 as it is now (`cookie`, `header`) and as releases up to 1.6 have it (`sessionName`, `idleTimeout`, `cookieConfig`). */
export const sessionPersistence = open({
  cookie: open({
    name: headerName.max(256).optional(),
    path: z.string().max(1024).optional(),
    lifetimeType: z.enum(["Permanent", "Session"]).optional(),
  }).optional(),
  header: open({ name: headerName.max(256) }).optional(),
  sessionName: z.string().max(128).optional(),
  type: z.enum(["Cookie", "Header"]).optional(),
  absoluteTimeout: duration.optional(),
  idleTimeout: duration.optional(),
  cookieConfig: open({ lifetimeType: z.enum(["Permanent", "Session"]).optional() }).optional(),
}).superRefine((session, context) => {
  for (const field of ["cookie", "cookieConfig"] as const) {
    if (session[field]?.lifetimeType === "Permanent" && session.absoluteTimeout === undefined) {
      complain(context, ["absoluteTimeout"], `a duration, since ${field}.lifetimeType is Permanent`);
    }
  }
  const { type = "Cookie" } = session;
  if (session.cookie !== undefined && type !== "Cookie")
    complain(context, ["cookie"], `no cookie, since type is ${type}`, "Remove it, or change type.");
  if (session.header !== undefined && type !== "Header")
    complain(context, ["header"], `no header, since type is ${type}`, "Remove it, or change type.");
  const { sessionName = "session" } = session;
  if (!headerName.safeParse(sessionName).success) {
    complain(context, ["sessionName"], "letters, digits and !#$%&'*+-.^_`|~: it becomes a cookie or header name");
  }
});
