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

/**
 * Endpoints of one port: of every slice whose port has the same name and protocol; the slice's
 * number wins over `targetPort`. Ready ones only, unless the Service publishes the others too.
 */
export function endpointsOf(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    const number = portIn(slice, port);
    if (number === undefined) continue;
    for (const { addresses, conditions } of slice.endpoints) {
      // Unknown counts as ready. All addresses of an endpoint are the same thing: the first is enough.
      const usable = conditions?.ready !== false || service.spec.publishNotReadyAddresses === true;
      const [host] = addresses;
      if (usable && host !== undefined) found.set(`${host} ${number}`, { host, port: number });
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
