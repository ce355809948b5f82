import type { EngineState } from "../../containers/engine.ts";
import type { GatewayState } from "../../gateway/gateway.ts";
import type { Problem } from "../../model/index.ts";
import type { GatewayClassConditions, PodServicePlan, PolicyConditions, SitePlan } from "../../model/plan/index.ts";
import { gatewayStatus, listenerSetStatus, routeStatus } from "./conditions.ts";
import type { Desired } from "./parts.ts";
import type { GatewayStatus, ListenerSetStatus, RouteStatus } from "./conditions.ts";

/** What `status --json` prints; its shape is part of the public interface. */
export interface SiteStatus {
  site: string;
  listeners: { name: string; address: string; protocol: string; ready: boolean }[];
  gatewayClasses: GatewayClassConditions[];
  gateways: GatewayStatus[];
  listenerSets: ListenerSetStatus[];
  routes: RouteStatus[];
  policies: PolicyConditions[];
  components: { namespace: string; name: string; digest: string; state: string }[];
  services: { namespace: string; name: string; ready: number; total: number }[];
  workloads: { kind: string; namespace: string; name: string; ready: number; total: number; status: string }[];
  problems: Problem[];
}

/** The state of a site from what was wanted and what is. */
export function siteStatus(
  plan: SitePlan,
  { gateway, engine }: { gateway: GatewayState; engine: EngineState | undefined },
  problems: readonly Problem[],
  locate: Desired["locate"],
): SiteStatus {
  return {
    site: plan.site,
    listeners: gateway.listeners.map(({ id, address, port, protocol, ready }) => ({
      name: id,
      address: authority(address, port),
      protocol,
      ready,
    })),
    gatewayClasses: plan.conditions.gatewayClasses,
    gateways: gatewayStatus(plan.conditions, gateway),
    listenerSets: listenerSetStatus(plan.conditions, gateway),
    routes: routeStatus(plan.conditions),
    policies: plan.conditions.policies,
    components: plan.gateway.components.map(({ id, digest }) => ({
      ...split(id),
      digest,
      state: gateway.components.find((component) => component.id === id)?.state ?? "loading",
    })),
    services: services(plan, engine),
    workloads: (engine?.workloads ?? []).map(({ containers: _containers, ...counts }) => counts),
    problems: [...problems, ...workloadProblems(engine, locate)],
  };
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function authority(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function services(plan: SitePlan, engine: EngineState | undefined): SiteStatus["services"] {
  const found = new Map<string, { ready: number; total: number }>();
  for (const { id, source, endpoints } of plan.gateway.services) {
    if (source !== "static") continue;
    const name = id.slice(0, id.lastIndexOf(":"));
    found.set(name, { ready: endpoints.length, total: endpoints.length });
  }
  for (const service of plan.containers.services) {
    const total = plan.containers.pods.filter(
      (pod) => pod.workload.namespace === service.namespace && selects(service.selector, pod.labels),
    ).length;
    const counts = service.ports.map(({ id }) => engine?.endpoints[id]?.length ?? 0);
    const ready = Math.min(total, counts.length === 0 ? 0 : Math.min(...counts));
    found.set(`${service.namespace}/${service.name}`, { ready, total });
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([id, counts]) => ({ ...split(id), ...counts }));
}

function selects(selector: PodServicePlan["selector"], labels: Record<string, string>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** A container that fails is a problem of the site, with the last that it said. */
function workloadProblems(engine: EngineState | undefined, locate: Desired["locate"]): Problem[] {
  return (engine?.workloads ?? []).flatMap(({ kind, namespace, name, containers }) =>
    containers
      .filter(({ ready, reason }) => !ready && reason !== undefined && failures.has(reason))
      .map(({ name: container, reason, message, restarts, lastLog }): Problem => {
        const said = lastLog.at(-1);
        const resource = `${kind}/${namespace}/${name}`;
        const parts = [
          `container ${container}: ${reason}`,
          message,
          restarts > 0 ? `${restarts} restarts` : undefined,
          said === undefined ? undefined : `last line: ${said}`,
        ];
        return {
          severity: "warning",
          code: "resource-failed",
          message: parts.filter((part) => part !== undefined && part !== "").join("; "),
          remedy: `bandstand logs ${namespace}/${name} shows what it wrote.`,
          ...locate({ resource }),
          resource,
        };
      }),
  );
}

/** Words of the field for what does not go away by waiting a moment. */
const failures = new Set(
  `CrashLoopBackOff ImagePullBackOff ErrImagePull ErrImageNeverPull InvalidImageName CreateContainerConfigError
   CreateContainerError RunContainerError OOMKilled Error BackoffLimitExceeded DeadlineExceeded ImageBuildError`.split(
    /\s+/,
  ),
);

export function split(id: string): { namespace: string; name: string } {
  const slash = id.indexOf("/");
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}
