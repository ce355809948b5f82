import type { Problem, Service } from "../../../model/index.ts";
import { includesLabels } from "../../plan/selector.ts";
import { slicesOf } from "../../plan/services/endpoints.ts";
import type { PodPlace } from "../pods.ts";
import { containersOf, podsOf } from "../pods.ts";
import type { Rule, Subject } from "../rule.ts";

/** A Service leads somewhere: to pods, to EndpointSlices, or to an external name. */
export const serviceSelectors: Rule = (subject) => {
  const pods = podsOf(subject.resources);
  return subject.resources.all("Service").flatMap((service) => check(service, pods, subject));
};

function check(service: Service, pods: PodPlace[], { resources, inventory }: Subject): Problem[] {
  const { type, selector = {} } = service.spec;
  if (type === "ExternalName" || slicesOf(service, inventory).length > 0) return [];
  const { namespace } = service.metadata;
  const warn = (path: PropertyKey[], message: string, remedy: string): Problem =>
    resources.problem(service, path, { severity: "warning", code: "dangling-reference", message, remedy });
  if (Object.keys(selector).length === 0) {
    const message = "the Service has neither a selector nor an EndpointSlice: it has no endpoints";
    return [
      warn(
        ["metadata", "name"],
        message,
        "Add spec.selector, or an EndpointSlice with the label kubernetes.io/service-name.",
      ),
    ];
  }
  const selected = pods.filter(
    (pod) => pod.resource.metadata.namespace === namespace && includesLabels(pod.labels, selector),
  );
  if (selected.length === 0) {
    const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
    const message = `spec.selector: no pod of namespace ${namespace} has the labels ${wanted.join(", ")}`;
    return [warn(["spec", "selector"], message, "Compare it with metadata.labels of the pod's template.")];
  }
  const names = portNames(selected);
  return (service.spec.ports ?? []).flatMap(({ targetPort }, index) => {
    if (typeof targetPort !== "string" || names.has(targetPort)) return [];
    const message = `targetPort: no selected pod has a port named ${targetPort} (named ports: ${[...names].join(", ") || "none"})`;
    return [
      warn(
        ["spec", "ports", index, "targetPort"],
        message,
        "Name the port in the container's ports, or use its number.",
      ),
    ];
  });
}

function portNames(pods: PodPlace[]): Set<string> {
  const ports = pods.flatMap((pod) => containersOf(pod).flatMap(({ container }) => container.ports ?? []));
  return new Set(ports.flatMap(({ name }) => (name === undefined ? [] : [name])));
}
