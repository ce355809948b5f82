import type { HTTPRoute } from "../../../model/kinds/types.ts";
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
export function targetOf(ref: TargetRef, route: HTTPRoute, context: RouteContext): BackendTarget {
  const { group = "", kind = "Service", name } = ref;
  const namespace = ref.namespace ?? route.metadata.namespace;
  const from = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: route.metadata.namespace };
  if (!isGranted({ from, to: { group, kind, namespace, name } }, context.inventory)) {
    return unresolved(
      "RefNotPermitted",
      `no ReferenceGrant in namespace ${namespace} lets HTTPRoutes of ${from.namespace} use ${kind} ${name}`,
    );
  }
  if (group === "" && kind === "Service") {
    if (ref.port === undefined)
      return unresolved("UnsupportedValue", `backend Service ${namespace}/${name} needs a port`);
    const found = context.services.use(namespace, name, ref.port);
    return "id" in found
      ? { type: "Service", service: found.id }
      : unresolved(found.condition ?? "BackendNotFound", found.reason);
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
