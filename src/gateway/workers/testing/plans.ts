import { usualCounts } from "../../../model/plan/index.ts";
import type { BackendTarget, ComponentPlan, GatewayPlan, RulePlan, ServicePlan } from "../../../model/plan/index.ts";

export const service = (port: number, name = "s"): ServicePlan => ({
  id: `default/${name}:80`,
  protocol: "http",
  source: "static",
  endpoints: [{ host: "127.0.0.1", port }],
});

export const component = (name: string, config: ComponentPlan["config"] = {}): ComponentPlan => ({
  id: `default/${name}`,
  digest: `sha256:${"0".repeat(64)}`,
  isolation: "request",
  runtime: "v8",
  limits: { memory: 1, cpu: 1, wall: 1, requestBody: 1, responseBody: 1, ...usualCounts },
  capabilities: { http: [], services: [], keyValue: [] },
  config,
  identityHeaders: [],
});

export function rule(prefix: string, target: BackendTarget, more: Partial<RulePlan> = {}): RulePlan {
  return {
    matches: [{ path: { type: "PathPrefix", value: prefix }, headers: [], query: [] }],
    filters: [],
    backends: [{ weight: 1, target, filters: [] }],
    timeouts: {},
    ...more,
  };
}

export const toService = (name = "s"): BackendTarget => ({ type: "Service", service: `default/${name}:80` });
export const toComponent = (name: string): BackendTarget => ({ type: "Component", component: `default/${name}` });

/** A plan with one route for every host on listeners with these ports. */
export function planOf(rules: RulePlan[], parts: Partial<GatewayPlan> = {}, ports: number[] = [0]): GatewayPlan {
  const listeners = ports.map((port, index) => ({
    id: `default/g/${index}`,
    address: "127.0.0.1",
    port,
    protocol: "HTTP" as const,
  }));
  const attachments = listeners.map(({ id }) => ({ listener: id, hostnames: [] }));
  return {
    site: "test",
    listeners,
    routes: [{ id: "default/r", attachments, rules }],
    services: [],
    components: [],
    ...parts,
  };
}
