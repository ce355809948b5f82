import { createHash } from "node:crypto";
import type { ContainersPlan, PodPlan, PodServicePlan } from "../../model/plan/index.ts";
import type { PodSpec, PortRedirect } from "./driver.ts";

/** What a planned pod needs to be made, but for the name of the instance and the count of tries. */
export interface Slot extends Omit<PodSpec, "name" | "attempt"> {
  redirects: PortRedirect[];
}

/**
 * The pods of a plan with the names and ports that Services give them. Where pods are reached by published
 * ports (`publishes`), another port is another pod.
 */
export function slotsOf(plan: ContainersPlan, publishes = false): Slot[] {
  return plan.pods.map((pod) => {
    const services = plan.services.filter((service) => selects(service, pod));
    const aliases = unique([...pod.aliases, ...services.flatMap(({ namespace, name }) => fullNames(name, namespace))]);
    const redirects = services.flatMap((service) => redirectsOf(service, pod));
    const targets = services.flatMap((service) => targetsOf(service, pod));
    const ports = [...new Set([...ownPorts(pod), ...targets])].toSorted((a, b) => a - b);
    const fixed = [pod.hash, aliases, publishes ? ports : []];
    const hash = createHash("sha256").update(JSON.stringify(fixed)).digest("hex");
    return { plan: pod, hash, aliases, ports, redirects };
  });
}

/** Whether a Service leads to a pod. */
export function selects(service: PodServicePlan, pod: PodPlan): boolean {
  if (service.namespace !== pod.workload.namespace) return false;
  return Object.entries(service.selector).every(([key, value]) => pod.labels[key] === value);
}

/** The number of a Service's target port in a pod; undefined where the pod has no port of that name. */
export function targetIn(
  pod: PodPlan,
  { targetPort, protocol }: Pick<PodServicePlan["ports"][number], "targetPort" | "protocol">,
): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  const ports = pod.containers.flatMap((container) => container.ports);
  return ports.find((port) => port.name === targetPort && port.protocol === protocol)?.port;
}

/**
 * The names of a Service that hold its namespace. The bare name is no alias: the pods' search domains lead
 * `orders` to `orders.<namespace>.svc.cluster.local`, so that two namespaces may use one name, as in Kubernetes.
 */
function fullNames(name: string, namespace: string): string[] {
  return [`${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

function redirectsOf(service: PodServicePlan, pod: PodPlan): PortRedirect[] {
  return service.ports.flatMap((port) => {
    const target = targetIn(pod, port);
    return target === undefined || target === port.port ? [] : [{ port: port.port, target, protocol: port.protocol }];
  });
}

function targetsOf(service: PodServicePlan, pod: PodPlan): number[] {
  return service.ports.flatMap((port) => (port.protocol === "TCP" ? (targetIn(pod, port) ?? []) : []));
}

/** TCP ports that containers declare or are probed at. */
function ownPorts(pod: PodPlan): number[] {
  return pod.containers.flatMap(({ ports, probes }) => {
    const probed = [probes.startup, probes.readiness, probes.liveness].flatMap((probe) =>
      probe && probe.action.type !== "exec" ? probe.action.port : [],
    );
    return [...ports.filter(({ protocol }) => protocol === "TCP").map(({ port }) => port), ...probed];
  });
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
