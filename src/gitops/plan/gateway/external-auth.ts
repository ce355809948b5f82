import type { HTTPRouteFilter, Route } from "../../../model/kinds/types.ts";
import type { FilterPlan } from "../../../model/plan/index.ts";
import type { RouteContext } from "./context.ts";
import { targetOf } from "./targets.ts";

/** Why a protocol to ask by is none; undefined where it is one. */
export function unservedAuth({ http }: NonNullable<HTTPRouteFilter["externalAuth"]>): string | undefined {
  const { path = "" } = http ?? {};
  const usable = path === "" || (path.startsWith("/") && !/\/\/|\/\.\.?(?:\/|$)/.test(path));
  return usable
    ? undefined
    : `ExternalAuth's http.path ${JSON.stringify(path)} is no prefix of paths: expected one that begins with '/', without '//', '/./' and '/../'`;
}

/** The filter ExternalAuth (GEP-1494). Where nobody can be asked, nobody is let through. */
export function planExternalAuth(
  auth: NonNullable<HTTPRouteFilter["externalAuth"]>,
  route: Route,
  context: RouteContext,
): FilterPlan {
  const reason = unservedAuth(auth);
  if (reason !== undefined) return { type: "Unresolved", reason, condition: "UnsupportedValue" };
  const target = targetOf(auth.backendRef, route, context);
  if (target.type === "Unresolved") return target;
  const lower = (names: string[]): string[] => [...new Set(names.map((name) => name.toLowerCase()))];
  const maxBody = auth.forwardBody?.maxSize ?? 0;
  if (auth.protocol === "GRPC") {
    const requestHeaders = lower(auth.grpc?.allowedHeaders ?? []);
    // gRPC is HTTP/2, whatever the port says.
    const over = target.type === "Service" ? { ...target, protocol: "h2c" as const } : target;
    return {
      type: "ExternalAuth",
      auth: { grpc: true, target: over, path: "", requestHeaders, responseHeaders: [], maxBody },
    };
  }
  const { path = "", allowedHeaders = [], allowedResponseHeaders = [] } = auth.http ?? {};
  return {
    type: "ExternalAuth",
    auth: {
      target,
      path: path.replace(/\/$/, ""),
      requestHeaders: lower(allowedHeaders),
      responseHeaders: lower(allowedResponseHeaders),
      maxBody,
    },
  };
}
