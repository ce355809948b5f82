import type { Route } from "../../../model/kinds/types.ts";
import type { BackendTarget, UnresolvedReason } from "../../../model/plan/index.ts";
import { isGranted } from "../grants.ts";
import { ourGroup } from "./context.ts";
import type { RouteContext } from "./context.ts";

/** A reference to something that takes requests. */
export interface TargetRef {
  group?: string | undefined;
  kind?: string | undefined;
  namespace?: string | undefined;
  name: string;
  port?: number | undefined;
}

/** What a reference of a route leads to. */
export function targetOf(ref: TargetRef, route: Route, context: RouteContext): BackendTarget {
  const { group = "", kind = "Service", name } = ref;
  const namespace = ref.namespace ?? route.metadata.namespace;
  const from = { group: "gateway.networking.k8s.io", kind: route.kind, namespace: route.metadata.namespace };
  if (!isGranted({ from, to: { group, kind, namespace, name } }, context.inventory)) {
    return unresolved(
      "RefNotPermitted",
      `no ReferenceGrant in namespace ${namespace} lets ${route.kind}s of ${from.namespace} use ${kind} ${name}`,
    );
  }
  if (group === "" && kind === "Service") {
    if (ref.port === undefined)
      return unresolved("UnsupportedValue", `backend Service ${namespace}/${name} needs a port`);
    const found = context.services.use(namespace, name, ref.port);
    if (!("id" in found)) return unresolved(found.condition ?? "BackendNotFound", found.reason);
    if (route.kind === "HTTPRoute") return { type: "Service", service: found.id };
    if (found.webSocket) {
      return unresolved(
        "UnsupportedProtocol",
        `port ${ref.port} of Service ${namespace}/${name} speaks WebSocket: no calls of gRPC can be sent there`,
      );
    }
    // gRPC is HTTP/2, whether the port says so or nothing.
    return { type: "Service", service: found.id, protocol: "h2c" };
  }
  if (group === ourGroup && kind === "WasmComponent") {
    const component = `${namespace}/${name}`;
    const reason = context.componentProblem(component);
    return reason === undefined ? { type: "Component", component } : unresolved("BackendNotFound", reason);
  }
  return unresolved(
    "InvalidKind",
    group === ourGroup && (kind === "Model" || kind === "Workload")
      ? `${kind} ${namespace}/${name} is not served yet`
      : `${kind}${group && `.${group}`} ${name} is no backend: expected a Service or a WasmComponent.${ourGroup}`,
  );
}

function unresolved(condition: UnresolvedReason, reason: string): BackendTarget {
  return { type: "Unresolved", reason, condition };
}
