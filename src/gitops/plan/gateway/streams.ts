import type { StreamRoute } from "../../../model/kinds/types.ts";
import type { BackendTarget, StreamRoutePlan } from "../../../model/plan/index.ts";
import { isGranted } from "../grants.ts";
import { nameOf } from "../report.ts";
import type { Carried } from "../services/services.ts";
import { attachmentsOf, type AttachedRoute } from "./attachments.ts";
import type { JudgedRoute } from "./conditions.ts";
import type { RouteContext } from "./context.ts";
import type { TargetRef } from "./targets.ts";
import { unknownField } from "./unknown-field.ts";

type Target = Exclude<BackendTarget, { type: "Component" }>;

/** Every route of connections and datagrams that attaches somewhere, the oldest first, and all of them for their conditions. */
export function planStreams(
  attached: AttachedRoute<StreamRoute>[],
  context: RouteContext,
): { streams: StreamRoutePlan[]; judged: JudgedRoute[] } {
  const streams: StreamRoutePlan[] = [];
  const judged = attached.map((each) => {
    const { route } = each;
    const [rule] = route.spec.rules;
    const unknown = unknownField(route, 0);
    const backends = (rule?.backendRefs ?? []).map((ref) => {
      return { weight: ref.weight ?? 1, target: unknown ?? targetOf(ref, route, carriedBy(each), context) };
    });
    for (const { target } of backends) {
      if (target.type !== "Unresolved" || target.condition !== "UnsupportedProtocol") continue;
      const remedy = "Correct what it says; until then its share of connections is closed.";
      context.report.add(nameOf(route), "warning", "not-supported", target.reason, remedy);
    }
    const attachments = attachmentsOf(each);
    if (attachments.length > 0) streams.push({ id: nameOf(route), attachments, backends });
    const plan = { matches: [], filters: [], backends: backends.map((to) => ({ ...to, filters: [] })), timeouts: {} };
    return { ...each, rules: [{ plan, dropped: undefined }] };
  });
  return { streams, judged };
}

/** Handshakes that pass through are the client's with the backend: no policy of ours says anything of them. */
function carriedBy({ route, parents }: AttachedRoute<StreamRoute>): Carried {
  if (route.kind === "UDPRoute") return "UDP";
  const listeners = parents.flatMap(({ found }) => (typeof found === "string" ? [] : found));
  return listeners.some(({ planned }) => planned.listener.tls?.mode !== "Passthrough") ? "TCP" : "Passthrough";
}

function targetOf(ref: TargetRef, route: StreamRoute, carried: Carried, context: RouteContext): Target {
  const { group = "", kind = "Service", name, port } = ref;
  const home = route.metadata.namespace;
  const namespace = ref.namespace ?? home;
  const from = { group: "gateway.networking.k8s.io", kind: route.kind, namespace: home };
  const unresolved = (condition: Extract<Target, { type: "Unresolved" }>["condition"], reason: string): Target => {
    return { type: "Unresolved", reason, condition };
  };
  if (!isGranted({ from, to: { group, kind, namespace, name } }, context.inventory)) {
    const reason = `no ReferenceGrant in namespace ${namespace} lets ${route.kind}s of ${home} use ${kind} ${name}`;
    return unresolved("RefNotPermitted", reason);
  }
  if (group !== "" || kind !== "Service") {
    return unresolved(
      "InvalidKind",
      `${kind}${group && `.${group}`} ${name} is no backend of a ${route.kind}: expected a Service`,
    );
  }
  if (port === undefined) return unresolved("UnsupportedValue", `backend Service ${namespace}/${name} needs a port`);
  const found = context.services.use(namespace, name, port, carried);
  return "id" in found
    ? { type: "Service", service: found.id }
    : unresolved(found.condition ?? "BackendNotFound", found.reason);
}
