import type { Resource } from "../../model/kinds/types.ts";
import type { ListenerPlan } from "../../model/plan/index.ts";
import { planComponents } from "./components/components.ts";
import { newSecretBook } from "./config/secrets.ts";
import { planContainers, podLabels } from "./containers/containers.ts";
import { listWorkloads } from "./containers/workloads.ts";
import { compressionOf } from "./gateway/compression.ts";
import { attachRoutes } from "./gateway/attachments.ts";
import { planConditions } from "./gateway/conditions.ts";
import { planListeners } from "./gateway/listeners.ts";
import { planRoutes } from "./gateway/routes.ts";
import type { PlanOptions, Planned, Resolved } from "./input.ts";
import { takeInventory } from "./inventory.ts";
import { newPolicyBook } from "./policies/policies.ts";
import { nameOf, newReport } from "./report.ts";
import { newServiceBook } from "./services/services.ts";

/**
 * Desired state of a site from its resources: plain data without any secret value, the same for
 * the same resources in whatever order they come. Pure. Expects resources that passed their schemas;
 * never throws for what they say: what cannot be planned becomes `Unresolved` or a problem.
 */
export function plan(resources: Iterable<Resource>, resolved: Resolved, options: PlanOptions): Planned {
  const { site } = options;
  const inventory = takeInventory([...resources]);
  const report = newReport();
  const secrets = newSecretBook(inventory);
  const workloads = listWorkloads(inventory);
  const policies = newPolicyBook(inventory);
  const services = newServiceBook(inventory, podLabels(workloads), policies);
  const components = planComponents({ inventory, resolved, secrets, services, report });
  const gateways = planListeners(inventory, secrets, { policies, absent: options.absentAddresses }).map((planned) => {
    const { gateway, complaints, listeners: own } = planned;
    for (const { code, message, remedy } of complaints) report.add(nameOf(gateway), "warning", code, message, remedy);
    const compression = compressionOf(gateway, report);
    const compressing = (each: ListenerPlan): ListenerPlan => ({ ...each, ...compression });
    return { ...planned, listeners: own.map((each) => ({ ...each, plans: each.plans.map(compressing) })) };
  });
  const listeners = gateways.flatMap((gateway) => gateway.listeners);
  const { routes, judged } = planRoutes(attachRoutes(listeners, inventory), {
    inventory,
    services,
    policies,
    componentProblem: components.problem,
    report,
  });
  const containers = planContainers(workloads, { inventory, resolved, secrets, report, options });
  return {
    plan: {
      site,
      gateway: {
        site,
        listeners: listeners.flatMap((listener) => listener.plans).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        routes,
        services: services.used(),
        components: components.components,
      },
      containers,
      conditions: planConditions(gateways, judged, policies.conditions),
    },
    secrets: secrets.values(),
    problems: report.problems(),
  };
}
