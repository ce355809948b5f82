import type { AnyRoute, Path, Problem, ProblemCode, Route, Service, StreamRoute } from "../../../model/index.ts";
import { allRoutes, allStreams } from "../../plan/gateway/attachments.ts";
import type { TargetRef } from "../../plan/gateway/targets.ts";
import { overWebSocket, tlsProtocols } from "../../plan/services/services.ts";
import { newBackendTlsBook } from "../../plan/policies/backend-tls.ts";
import { isGranted } from "../../plan/grants.ts";
import { missing } from "../references.ts";
import type { Rule, Subject } from "../rule.ts";

const ourGroup = "bandstand.dev";

/** Backends of routes exist and may be used; the share of others is answered with 500. */
export const backends: Rule = (subject) =>
  allRoutes(subject.inventory).flatMap((route) =>
    (route.spec.rules ?? []).flatMap((rule, index) =>
      (rule.backendRefs ?? []).flatMap((ref, number): Problem[] => {
        const reason = explain(ref, route, subject);
        if (reason === undefined) return [];
        const { field, ...words } = reason;
        const path: Path = ["spec", "rules", index, "backendRefs", number, field];
        return [subject.resources.problem(route, path, { severity: "warning", ...words })];
      }),
    ),
  );

/** Backends of routes of connections and datagrams: they go to Services alone, and those of others are closed. */
export const streamBackends: Rule = (subject) =>
  allStreams(subject.inventory).flatMap((route) =>
    (route.spec.rules[0]?.backendRefs ?? []).flatMap((ref, number): Problem[] => {
      const reason = explainStream(ref, route, subject);
      if (reason === undefined) return [];
      const { field, ...words } = reason;
      const path: Path = ["spec", "rules", 0, "backendRefs", number, field];
      return [subject.resources.problem(route, path, { severity: "warning", ...words })];
    }),
  );

interface Reason {
  code: ProblemCode;
  field: string;
  message: string;
  remedy: string;
}

/** Why a backend cannot be used; undefined where it can. */
export function explain(ref: TargetRef, route: Route, { inventory }: Subject): Reason | undefined {
  const { group = "", kind = "Service", name, port } = ref;
  const home = route.metadata.namespace;
  const namespace = ref.namespace ?? home;
  const from = { group: "gateway.networking.k8s.io", kind: route.kind, namespace: home };
  if (!isGranted({ from, to: { group, kind, namespace, name } }, inventory)) return notGranted(kind, namespace, route);
  if (group === "" && kind === "Service") {
    return (
      explainService(namespace, name, port ?? 0, inventory) ??
      explainCalls(namespace, name, port ?? 0, route, inventory)
    );
  }
  if (group === ourGroup && kind === "WasmComponent") {
    if (inventory.find("WasmComponent", namespace, name) !== undefined) return undefined;
    return { code: "dangling-reference", ...missing("WasmComponent", namespace, name, inventory) };
  }
  if (group === ourGroup && (kind === "Model" || kind === "Workload")) {
    const message = `a ${kind} as backend is not served yet: its share of requests is answered with 500`;
    return { code: "not-served-yet", field: "kind", message, remedy: "Use a Service or a WasmComponent." };
  }
  const message = `${kind} of group ${JSON.stringify(group)} cannot be a backend: its share of requests is answered with 500`;
  return {
    code: "dangling-reference",
    field: "kind",
    message,
    remedy: `Use a Service, or a WasmComponent of group ${ourGroup}.`,
  };
}

function explainStream(ref: TargetRef, route: StreamRoute, { inventory }: Subject): Reason | undefined {
  const { group = "", kind = "Service", name, port = 0 } = ref;
  const home = route.metadata.namespace;
  const namespace = ref.namespace ?? home;
  const from = { group: "gateway.networking.k8s.io", kind: route.kind, namespace: home };
  if (!isGranted({ from, to: { group, kind, namespace, name } }, inventory)) return notGranted(kind, namespace, route);
  if (group === "" && kind === "Service") {
    return explainService(namespace, name, port, inventory, route.kind === "UDPRoute" ? "UDP" : "TCP");
  }
  const message = `${kind} of group ${JSON.stringify(group)} cannot be a backend of a ${route.kind}: its share of connections is closed`;
  return { code: "dangling-reference", field: "kind", message, remedy: "Use a Service." };
}

function explainService(
  namespace: string,
  name: string,
  port: number,
  inventory: Subject["inventory"],
  /** Undefined: requests. */
  raw?: "TCP" | "UDP",
): Reason | undefined {
  const service = inventory.find("Service", namespace, name);
  if (service === undefined) {
    return { code: "dangling-reference", ...missing("Service", namespace, name, inventory) };
  }
  const ports = service.spec.ports ?? [];
  if (service.spec.type === "ExternalName" && ports.length === 0) return undefined;
  const found = ports.filter((candidate) => candidate.port === port);
  const wanted = raw ?? "TCP";
  if (found.some(({ protocol = "TCP" }) => protocol === wanted)) {
    return raw === undefined ? overTls(found, service, inventory) : undefined;
  }
  const known = ports.map((candidate) => candidate.port).join(", ") || "none";
  const message =
    found.length > 0
      ? `port ${port} of Service ${namespace}/${name} is not ${wanted}`
      : `Service ${namespace}/${name} has no port ${port} (its ports: ${known})`;
  return { code: "dangling-reference", field: "port", message, remedy: "Use the Service's port, not its targetPort." };
}

/** WebSocket is HTTP/1.1, which no call of gRPC is. */
function explainCalls(
  namespace: string,
  name: string,
  port: number,
  route: Route,
  inventory: Subject["inventory"],
): Reason | undefined {
  if (route.kind !== "GRPCRoute") return undefined;
  const ports = inventory.find("Service", namespace, name)?.spec.ports ?? [];
  const found = ports.find((candidate) => candidate.port === port && overWebSocket.has(candidate.appProtocol ?? ""));
  if (found === undefined) return undefined;
  const message = `the port's appProtocol is ${found.appProtocol}: no calls of gRPC can be sent there, its share of requests is answered with UNAVAILABLE`;
  return { code: "dangling-reference", field: "port", message, remedy: "Use a port that speaks HTTP/2." };
}

function overTls(
  ports: { name?: string | undefined; appProtocol?: string | undefined }[],
  service: Service,
  inventory: Subject["inventory"],
): Reason | undefined {
  const secure = ports.find(({ appProtocol = "" }) => tlsProtocols.has(appProtocol));
  if (secure === undefined || newBackendTlsBook(inventory).of(service, secure.name) !== undefined) return undefined;
  const message = `the port's appProtocol is ${secure.appProtocol}, and no BackendTLSPolicy says how its certificate is checked: its share of requests is answered with 500`;
  const remedy = "Add a BackendTLSPolicy for the Service.";
  return { code: "dangling-reference", field: "port", message, remedy };
}

function notGranted(kind: string, namespace: string, { kind: from, metadata: { namespace: home } }: AnyRoute): Reason {
  const message = `no ReferenceGrant in namespace ${namespace} lets ${from}s of namespace ${home} use its ${kind}s`;
  const remedy = `Add a ReferenceGrant to namespace ${namespace}: from ${from} of ${home}, to ${kind}.`;
  return { code: "missing-grant", field: "namespace", message, remedy };
}
