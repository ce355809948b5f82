import type { WasmComponent } from "../../../model/kinds/types.ts";
import type { ComponentPlan, ConfigValue } from "../../../model/plan/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import type { SecretBook } from "../config/secrets.ts";
import { fromKey, fromSources } from "../config/sources.ts";
import type { Resolved } from "../input.ts";
import { compare, idOf } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { nameOf } from "../report.ts";
import type { Report } from "../report.ts";
import type { ServiceBook } from "../services/services.ts";
import { authoritiesNamed } from "../policies/authorities.ts";
import { authoritiesOf as servicesNamed } from "./authorities.ts";

/** Components that can be served, and why the others cannot; routes to those get `Unresolved`. */
export interface PlannedComponents {
  components: ComponentPlan[];
  problem(id: string): string | undefined;
}

interface Parts {
  inventory: Inventory;
  resolved: Resolved;
  secrets: SecretBook;
  services: ServiceBook;
  report: Report;
}

export function planComponents(parts: Parts): PlannedComponents {
  const plans = new Map<string, ComponentPlan>();
  const reasons = new Map<string, string>();
  for (const component of parts.inventory.all("WasmComponent")) {
    const id = idOf(component);
    const planned = planComponent(component, parts);
    if (typeof planned === "string") reasons.set(id, `WasmComponent ${id}: ${planned}`);
    else plans.set(id, planned);
  }
  return {
    components: [...plans.values()],
    problem: (id) => (plans.has(id) ? undefined : (reasons.get(id) ?? `WasmComponent ${id} does not exist`)),
  };
}

function planComponent(component: WasmComponent, parts: Parts): ComponentPlan | string {
  const id = idOf(component);
  const { spec } = component;
  const found = parts.resolved.components.get(id) ?? { reason: "it was not resolved" };
  if ("reason" in found) return found.reason;
  let config: ComponentPlan["config"];
  try {
    config = configOf(component, parts);
  } catch (error) {
    if (!(error instanceof Unplannable)) throw error;
    parts.report.add(nameOf(component), "warning", error.code, error.message, error.remedy);
    return error.message;
  }
  return {
    id,
    digest: found.digest,
    isolation: found.answersOnce === true ? "request" : spec.isolation,
    runtime: spec.runtime,
    limits: spec.limits,
    capabilities: {
      ...(spec.capabilities.mode === "count" && { mode: "count" as const }),
      http: spec.capabilities.http.toSorted(compare),
      services: servicesOf(component, parts),
      keyValue: [...new Set(spec.capabilities.keyValue)].toSorted(compare),
    },
    ...authoritiesOf(component, parts),
    config,
    identityHeaders: [...new Set(spec.identityHeaders)].toSorted(compare),
  };
}

/** A capability that cannot be resolved is not given; the component runs without it. */
function servicesOf(component: WasmComponent, { inventory, services, report }: Parts) {
  const granted = component.spec.capabilities.services.toSorted(compare).flatMap((capability) => {
    try {
      return servicesNamed(capability, component, inventory, services);
    } catch (error) {
      if (!(error instanceof Unplannable)) throw error;
      const what = `capability for service ${capability} is not given: ${error.message}`;
      report.add(nameOf(component), "warning", error.code, what, error.remedy);
      return [];
    }
  });
  const byAuthority = new Map(granted.map((grant) => [grant.authority, grant]));
  return [...byAuthority.values()].toSorted((a, b) => compare(a.authority, b.authority));
}

/** CA certificates that cannot be read are not trusted; the component runs without them. */
function authoritiesOf({ metadata, spec }: WasmComponent, { inventory }: Parts): Pick<ComponentPlan, "authorities"> {
  const { authorities } = authoritiesNamed(spec.tls?.caCertificateRefs ?? [], metadata.namespace, inventory);
  return authorities.length === 0 ? {} : { authorities };
}

/** `config` wins over `configFrom`, as env wins over envFrom in Pods. */
function configOf({ metadata, spec }: WasmComponent, { inventory, secrets }: Parts): Record<string, ConfigValue> {
  const sources = { namespace: metadata.namespace, inventory, secrets };
  const config = fromSources(spec.configFrom, sources);
  for (const [key, value] of Object.entries(spec.config)) {
    const found = typeof value === "string" ? { value } : fromKey(value.valueFrom, sources);
    if (found !== undefined) config.set(key, found);
  }
  return Object.fromEntries([...config].toSorted(([a], [b]) => compare(a, b)));
}
