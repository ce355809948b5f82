import type { Service } from "../../../model/kinds/types.ts";
import type { PodServicePlan, ServicePlan, UnresolvedReason } from "../../../model/plan/index.ts";
import { compare, idOf } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import type { PolicyBook } from "../policies/policies.ts";
import { includesLabels } from "../selector.ts";
import { endpointsOf, numericTarget, slicesOf } from "./endpoints.ts";
import type { ServicePort } from "./endpoints.ts";

/** What goes to a Service: requests, connections, connections whose TLS is the client's own, or datagrams. */
export type Carried = "HTTP" | "TCP" | "Passthrough" | "UDP";

/** Looks up Services for routes and components, and remembers which ports the gateway needs. */
export interface ServiceBook {
  /** The plan id of one port. */
  use(
    namespace: string,
    name: string,
    port: number,
    carried?: Carried,
  ): { id: string; webSocket: boolean } | { reason: string; condition?: UnresolvedReason };
  /** Every port that was used, for the gateway. */
  used(): ServicePlan[];
}

/** Labels of the pods that will run, by namespace. */
export type PodLabels = readonly { namespace: string; labels: Record<string, string> }[];

export function newServiceBook(inventory: Inventory, pods: PodLabels, policies: PolicyBook): ServiceBook {
  const plans = new Map<string, ServicePlan>();
  return {
    use(namespace, name, port, carried = "HTTP") {
      const service = inventory.find("Service", namespace, name);
      if (service === undefined) return { reason: `Service ${namespace}/${name} does not exist` };
      const found = portOf(service, port, carried === "UDP" ? "UDP" : "TCP");
      if (found === undefined) {
        const known = (service.spec.ports ?? []).map((p) => p.port).join(", ") || "none";
        return { reason: `Service ${namespace}/${name} has no port ${port} (its ports: ${known})` };
      }
      const wanted = carried === "UDP" ? "UDP" : "TCP";
      if ((found.protocol ?? "TCP") !== wanted)
        return { reason: `port ${port} of Service ${namespace}/${name} is not ${wanted}` };
      if (carried === "UDP" && isOverPods(service, inventory, pods)) {
        const reason = `port ${port} of Service ${namespace}/${name} is UDP, and its pods are reached by TCP only: datagrams go to EndpointSlices and ExternalNames`;
        return { reason, condition: "UnsupportedProtocol" };
      }
      const policy = carried === "UDP" ? undefined : policies.tlsOf(service, found.name);
      const broken = policy !== undefined && "reason" in policy;
      if (broken && carried !== "Passthrough") return { reason: policy.reason, condition: "UnsupportedProtocol" };
      const tls = broken ? undefined : policy;
      if (carried === "HTTP" && tls === undefined && tlsProtocols.has(found.appProtocol ?? "")) {
        const reason = `port ${port} of Service ${namespace}/${name} has appProtocol ${found.appProtocol} and no BackendTLSPolicy that says how its certificate is checked`;
        return { reason, condition: "UnsupportedProtocol" };
      }
      const id = servicePortId(service, port, wanted);
      if (!plans.has(id)) {
        plans.set(id, {
          ...planService(id, service, found, inventory, pods),
          ...policies.ofService(service, found.name),
          ...(tls === undefined ? {} : { tls }),
        });
      }
      return { id, webSocket: overWebSocket.has(found.appProtocol ?? "") };
    },
    used: () => [...plans.values()].toSorted((a, b) => compare(a.id, b.id)),
  };
}

/** Services over pods: what pods answer to by name, and the ports behind it. */
export function planPodServices(inventory: Inventory, pods: PodLabels): PodServicePlan[] {
  return inventory.all("Service").flatMap((service) => {
    if (!isOverPods(service, inventory, pods)) return [];
    return [
      {
        namespace: service.metadata.namespace,
        name: service.metadata.name,
        selector: { ...service.spec.selector },
        publishNotReady: service.spec.publishNotReadyAddresses === true,
        ports: (service.spec.ports ?? []).flatMap((port) => {
          const { protocol = "TCP" } = port;
          if (protocol === "SCTP") return [];
          const name = port.name === undefined ? {} : { name: port.name };
          const id = servicePortId(service, port.port, protocol);
          return [{ id, ...name, port: port.port, targetPort: port.targetPort ?? port.port, protocol }];
        }),
      },
    ];
  });
}

/** `namespace/name:port`; TCP and UDP may share a number, so UDP says so. */
function servicePortId(service: Service, port: number, protocol = "TCP"): string {
  return `${idOf(service)}:${port}${protocol === "TCP" ? "" : `/${protocol.toLowerCase()}`}`;
}

/** Values of `appProtocol` (KEP-3726, GEP-1911). All others, `kubernetes.io/ws` among them, are HTTP/1.1. */
const overHttp2 = new Set(["kubernetes.io/h2c", "h2c", "grpc"]);
export const overWebSocket: ReadonlySet<string> = new Set(["kubernetes.io/ws", "kubernetes.io/wss", "ws", "wss"]);
export const tlsProtocols: ReadonlySet<string> = new Set(["kubernetes.io/wss", "https", "wss"]);

function planService(
  id: string,
  service: Service,
  port: ServicePort,
  inventory: Inventory,
  pods: PodLabels,
): ServicePlan {
  const protocol = overHttp2.has(port.appProtocol ?? "") ? "h2c" : "http";
  if (isOverPods(service, inventory, pods)) return { id, protocol, source: "engine", endpoints: [] };
  const { type, externalName } = service.spec;
  const endpoints =
    type === "ExternalName" && externalName !== undefined
      ? [{ host: externalName, port: numericTarget(port) }]
      : endpointsOf(service, port, slicesOf(service, inventory));
  return { id, protocol, source: "static", endpoints };
}

/**
 * A selector makes a Service one over pods. Where it selects none of the site's pods but
 * EndpointSlices are written down for it, those are what it stands for.
 */
function isOverPods(service: Service, inventory: Inventory, pods: PodLabels): boolean {
  const { type, selector = {} } = service.spec;
  if (type === "ExternalName" || Object.keys(selector).length === 0) return false;
  const { namespace } = service.metadata;
  if (pods.some((pod) => pod.namespace === namespace && includesLabels(pod.labels, selector))) return true;
  return slicesOf(service, inventory).length === 0;
}

/** An ExternalName without ports takes any. */
function portOf(service: Service, port: number, protocol: "TCP" | "UDP"): ServicePort | undefined {
  const ports = service.spec.ports ?? [];
  if (service.spec.type === "ExternalName" && ports.length === 0) return { port, protocol };
  const found = ports.filter((candidate) => candidate.port === port);
  return found.find((candidate) => (candidate.protocol ?? "TCP") === protocol) ?? found[0];
}
