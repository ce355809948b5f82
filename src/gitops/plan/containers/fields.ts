import { parseQuantity } from "../../../model/value/index.ts";
import type { Container } from "../../../model/kinds/types.ts";
import type { PodContext } from "./context.ts";

/**
 * The downward API: what a pod may learn about itself. undefined, with a warning, for what
 * is not known before a pod starts (addresses) or has no counterpart here (uid).
 */
export function fieldValue(path: string, pod: PodContext): string | undefined {
  const { labels = {}, annotations = {} } = pod.template.metadata ?? {};
  const [, map, key = ""] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? [];
  if (map !== undefined) {
    const values = map === "labels" ? labels : annotations;
    return Object.hasOwn(values, key) ? values[key] : "";
  }
  switch (path) {
    case "metadata.name":
      return pod.podName;
    case "metadata.namespace":
      return pod.namespace;
    case "metadata.labels":
      return lines(labels);
    case "metadata.annotations":
      return lines(annotations);
    case "spec.nodeName":
      return pod.node;
    case "spec.serviceAccountName":
      return pod.template.spec.serviceAccountName ?? "default";
    default:
      pod.warn(
        "not-supported",
        `fieldRef ${path} is left out: expected metadata.name, metadata.namespace, metadata.labels['…'], metadata.annotations['…'], spec.nodeName or spec.serviceAccountName`,
        "Use one of these, or let the program find it out when it runs.",
      );
      return undefined;
  }
}

/** One `key="value"` line each, as files of the downward API hold them. */
function lines(map: Record<string, string>): string {
  const keys = Object.keys(map).toSorted();
  return keys.map((key) => `${key}=${JSON.stringify(map[key])}`).join("\n");
}

interface ResourceReference {
  resource: string;
  containerName?: string | undefined;
  divisor?: unknown;
}

/** `resourceFieldRef`: a limit or request divided by its divisor, rounded up. undefined, with a warning, where none is set. */
export function resourceValue(ref: ResourceReference, own: Container | undefined, pod: PodContext): string | undefined {
  const { spec } = pod.template;
  const named = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === ref.containerName);
  const container = ref.containerName === undefined ? own : named;
  const [list, resource = ""] = ref.resource.split(".");
  const { limits = {}, requests = {} } = container?.resources ?? {};
  // A request that is not set is the limit.
  const written =
    list === "limits" ? limits[resource] : list === "requests" ? (requests[resource] ?? limits[resource]) : undefined;
  const value = written === undefined ? undefined : parseQuantity(written);
  const divisor = typeof ref.divisor === "string" || typeof ref.divisor === "number" ? parseQuantity(ref.divisor) : 1;
  if (value === undefined || !divisor) {
    const what = `resourceFieldRef ${ref.resource} is left out: the container sets no such limit`;
    pod.warn("not-supported", what, "Set resources.limits of the container.");
    return undefined;
  }
  // Binary fractions must not round 0.1 / 0.001 up to 101.
  return String(Math.ceil(Number((value / divisor).toPrecision(12))));
}
