import type { BandstandPolicy, Route, Service, XBackendTrafficPolicy } from "../../../model/kinds/types.ts";
import type { ListenerPlan, PolicyConditions, RateLimitPlan, ServicePolicyPlan } from "../../../model/plan/index.ts";
import { idOf, type Inventory } from "../inventory.ts";
import { attachPolicies, type Attachment } from "./attach.ts";
import { newBackendTlsBook, type BackendTlsBook } from "./backend-tls.ts";
import type { PlannedListener } from "../gateway/listener.ts";
import { listenerPolicyOf } from "./listener-policy.ts";

/** What policies say of requests and backends. */
export interface PolicyBook {
  /** Limits of a listener's requests, its Gateway's, its ListenerSet's and its own; of the rest what is nearest wins. */
  ofListener(listener: Pick<PlannedListener, "gateway" | "owner" | "listener">): ListenerPolicy;
  /** Limits of a rule's requests: its route's and its own. */
  ofRule(route: Route, rule: string | undefined): { rateLimits?: RateLimitPlan[] };
  /** How a port of a Service is treated: what is said of the port itself wins over what is said of all. */
  ofService(service: Service, port: string | undefined): { policy?: ServicePolicyPlan };
  tlsOf: BackendTlsBook["of"];
  conditions: PolicyConditions[];
}

type ListenerPolicy = Pick<ListenerPlan, "rateLimits" | "clients" | "errorPages">;

export function newPolicyBook(inventory: Inventory): PolicyBook {
  const ours = attachPolicies(inventory.all("BandstandPolicy"), inventory);
  const retries = attachPolicies(inventory.all("XBackendTrafficPolicy"), inventory);
  const tls = newBackendTlsBook(inventory);
  const places = (target: string, section: string | undefined): string[] =>
    section === undefined ? [target] : [target, `${target}/${section}`];
  const limitsAt = (all: string[]) => {
    const rateLimits = all.flatMap((place) => ours.at(place).flatMap(rateLimitsOf));
    return rateLimits.length === 0 ? {} : { rateLimits };
  };
  return {
    ofListener({ gateway, owner, listener }) {
      const ofOwner = places(`${owner.kind}/${idOf(owner)}`, listener.name);
      const all = owner === gateway ? ofOwner : [`Gateway/${idOf(gateway)}`, ...ofOwner];
      const parts = all.flatMap((place) => ours.at(place).map(({ policy }) => listenerPolicyOf(policy, inventory)));
      return Object.assign(limitsAt(all), ...parts) as ListenerPolicy;
    },
    ofRule: (route, rule) => limitsAt(places(`${route.kind}/${idOf(route)}`, rule)),
    ofService(service, port) {
      const target = `Service/${idOf(service)}`;
      const parts = [
        ...retries.at(target).map(({ policy }) => retryBudgetOf(policy)),
        ...places(target, port).flatMap((place) => ours.at(place).map(({ policy }) => servicePolicyOf(policy))),
      ];
      return parts.length === 0 ? {} : { policy: Object.assign({}, ...parts) as ServicePolicyPlan };
    },
    tlsOf: tls.of,
    conditions: [...ours.conditions, ...retries.conditions, ...tls.conditions],
  };
}

function rateLimitsOf({ policy, target }: Attachment<BandstandPolicy>): RateLimitPlan[] {
  return (policy.spec.rateLimits ?? []).map(({ name, by, requests, per, burst = requests }) => ({
    id: `${idOf(policy)}/${name}@${target}`,
    name,
    by: by.type === "Header" ? { type: by.type, header: by.header ?? "" } : { type: by.type },
    requests,
    per,
    burst,
  }));
}

function servicePolicyOf({ spec }: BandstandPolicy): ServicePolicyPlan {
  const { loadBalancing, outlierDetection, healthCheck, connections, limits } = spec;
  return {
    ...(loadBalancing && { balancing: loadBalancing.type }),
    ...(outlierDetection && { outliers: outlierDetection }),
    ...(healthCheck && { check: checkOf(healthCheck) }),
    ...connections,
    ...(limits && { limits: limits as NonNullable<ServicePolicyPlan["limits"]> }),
  };
}

function checkOf(check: NonNullable<BandstandPolicy["spec"]["healthCheck"]>): NonNullable<ServicePolicyPlan["check"]> {
  const { type, path = "/", host, ...times } = check;
  return { probe: type === "TCP" ? { type } : { type, path, ...(host === undefined ? {} : { host }) }, ...times };
}

function retryBudgetOf({ spec: { retryConstraint } }: XBackendTrafficPolicy): ServicePolicyPlan {
  if (retryConstraint === undefined) return {};
  const { budget, minRetryRate } = retryConstraint;
  const { count, interval } = minRetryRate;
  return { retryBudget: { percent: budget.percent, interval: budget.interval, least: { count, interval } } };
}
