import type { Resource } from "../../model/kinds/types.ts";
import { planComponents } from "./components/components.ts";
import { newSecretBook } from "./config/secrets.ts";
import { planContainers, podLabels } from "./containers/containers.ts";
import { listWorkloads } from "./containers/workloads.ts";
import { planClasses } from "./gateway/classes.ts";
import { compressing } from "./gateway/compression.ts";
import { attachRoutes, attachStreams } from "./gateway/attachments.ts";
import { planConditions } from "./gateway/conditions.ts";
import { allListeners, planListeners } from "./gateway/listeners.ts";
import { withGenerations } from "./gateway/observed.ts";
import { planRoutes } from "./gateway/routes.ts";
import { planStreams } from "./gateway/streams.ts";
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
  const planned = compressing(planListeners(inventory, secrets, { policies, absent: options.absentAddresses }), report);
  for (const each of [...planned.gateways, ...planned.sets]) {
    const name = nameOf("set" in each ? each.set : each.gateway);
    for (const { code, message, remedy } of each.complaints) report.add(name, "warning", code, message, remedy);
  }
  const listeners = allListeners(planned);
  const classes = planClasses(inventory);
  for (const { gatewayClass, complaints } of classes) {
    for (const { code, message, remedy } of complaints)
      report.add(nameOf(gatewayClass), "warning", code, message, remedy);
  }
  const context = { inventory, services, policies, componentProblem: components.problem, report };
  const { routes, judged } = planRoutes(attachRoutes(listeners, inventory), context);
  const { streams, judged: judgedStreams } = planStreams(attachStreams(listeners, inventory), context);
  const containers = planContainers(workloads, { inventory, resolved, secrets, report, options });
  return {
    plan: {
      site,
      gateway: {
        site,
        listeners: listeners.flatMap((listener) => listener.plans).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        routes,
        ...(streams.length > 0 && { streams }),
        services: services.used(),
        components: components.components,
      },
      containers,
      conditions: withGenerations(
        planConditions(
          planned,
          [...judged, ...judgedStreams],
          policies.conditions,
          classes.map(({ conditions }) => conditions),
        ),
        inventory,
      ),
    },
    secrets: secrets.values(),
    problems: report.problems(),
  };
}
