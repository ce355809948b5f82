import type { Engine } from "../../containers/engine.ts";
import type { BackendTarget, FilterPlan, GatewayPlan } from "../../model/plan/index.ts";

/** Services of an engine that some route sends requests to: their `ServicePlan.id`s. */
export function routedServices(plan: GatewayPlan): string[] {
  const services = new Map(plan.services.map((service) => [service.id, service]));
  const components = new Map(plan.components.map((component) => [component.id, component]));
  const found = new Set<string>();
  const add = (id: string): void => {
    if (services.get(id)?.source === "engine") found.add(id);
  };
  const addComponent = (id: string): void => components.get(id)?.capabilities.services.forEach((to) => add(to.service));
  const addTarget = (target: BackendTarget): void => {
    if (target.type === "Service") add(target.service);
    if (target.type === "Component") addComponent(target.component);
  };
  const addFilters = (filters: FilterPlan[]): void =>
    filters.forEach((filter) => {
      if (filter.type === "Component") addComponent(filter.component);
      if (filter.type === "ExternalAuth") addTarget(filter.auth.target);
    });
  for (const rule of plan.routes.flatMap((route) => route.rules)) {
    addFilters(rule.filters);
    for (const backend of rule.backends.filter(({ weight }) => weight > 0)) {
      addFilters(backend.filters);
      addTarget(backend.target);
    }
  }
  for (const { backends } of plan.streams ?? []) {
    for (const { weight, target } of backends) if (weight > 0) addTarget(target);
  }
  return [...found].toSorted();
}

/** Of these services, the ones without a ready endpoint. */
export function waiting(engine: Engine, services: readonly string[]): string[] {
  const { endpoints } = engine.observe();
  return services.filter((id) => (endpoints[id] ?? []).length === 0);
}

/**
 * Resolves when every one of these services has a ready endpoint, or after `milliseconds`, with what is
 * missing then. `onWaiting` hears every change of that.
 */
export async function waitForServices(
  engine: Engine,
  services: readonly string[],
  options: { milliseconds: number; signal?: AbortSignal; onWaiting?: (missing: string[]) => void },
): Promise<string[]> {
  let missing = waiting(engine, services);
  if (missing.length === 0) return missing;
  options.onWaiting?.(missing);
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      options.signal?.removeEventListener("abort", end);
      resolve(missing);
    };
    const timer = setTimeout(end, options.milliseconds);
    const unsubscribe = engine.subscribe(() => {
      const now = waiting(engine, services);
      if (now.join() !== missing.join() && now.length > 0) options.onWaiting?.(now);
      missing = now;
      if (now.length === 0) end();
    });
    options.signal?.addEventListener("abort", end, { once: true });
    if (options.signal?.aborted) end();
  });
}
