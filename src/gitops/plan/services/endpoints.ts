import type { EndpointSlice, Service } from "../../../model/kinds/types.ts";
import type { Endpoint } from "../../../model/plan/index.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";

export type ServicePort = NonNullable<Service["spec"]["ports"]>[number];

const serviceLabel = "kubernetes.io/service-name";

/** EndpointSlices that name a Service by their label. */
export function slicesOf(service: Service, inventory: Inventory): EndpointSlice[] {
  const { namespace, name } = service.metadata;
  return inventory
    .all("EndpointSlice")
    .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[serviceLabel] === name);
}

type SliceEndpoint = EndpointSlice["endpoints"][number];

/**
 * Endpoints of one port: of every slice whose port has the same name and protocol; the slice's
 * number wins over `targetPort`. Ready ones, unless the Service publishes the others too; where none is ready, those
 * that still serve while they end, as kube-proxy does it.
 */
export function endpointsOf(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): Endpoint[] {
  // Unknown counts as ready.
  const ready = collect(slices, port, ({ conditions }) => {
    return conditions?.ready !== false || service.spec.publishNotReadyAddresses === true;
  });
  if (ready.length > 0) return ready;
  return collect(slices, port, ({ conditions }) => conditions?.terminating === true && conditions.serving === true);
}

function collect(
  slices: readonly EndpointSlice[],
  port: ServicePort,
  usable: (endpoint: SliceEndpoint) => boolean,
): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    const number = portIn(slice, port);
    if (number === undefined) continue;
    for (const endpoint of slice.endpoints) {
      // All addresses of an endpoint are the same thing: the first is enough.
      const [host] = endpoint.addresses;
      if (host !== undefined && usable(endpoint)) found.set(`${host} ${number}`, { host, port: number });
    }
  }
  return [...found.values()].toSorted((a, b) => compare(a.host, b.host) || a.port - b.port);
}

function portIn(slice: EndpointSlice, port: ServicePort): number | undefined {
  const match = (slice.ports ?? []).find(
    (candidate) =>
      (candidate.name ?? "") === (port.name ?? "") && (candidate.protocol ?? "TCP") === (port.protocol ?? "TCP"),
  );
  return match && (match.port ?? numericTarget(port));
}

/** `targetPort` where it is a number; a name cannot be looked up without pods. */
export function numericTarget({ port, targetPort }: ServicePort): number {
  return typeof targetPort === "number" ? targetPort : port;
}
