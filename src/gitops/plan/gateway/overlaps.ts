import type { ListenerPlan } from "../../../model/plan/index.ts";
import { shareHost } from "./hostnames.ts";
import type { PlannedListener } from "./listener.ts";

/**
 * Listeners of one address and port that end TLS for some name both, with the others' names: the Gateway API wants that said of all of
 * them (`OverlappingTLSConfig`), since a client may send what is for one over a connection to the other.
 */
export function overlapsOf(listeners: PlannedListener[]): Map<PlannedListener, string[]> {
  const served = listeners.flatMap((planned) =>
    planned.plans.flatMap((plan) => (plan.certificates === undefined ? [] : [{ planned, plan }])),
  );
  const overlaps = new Map<PlannedListener, string[]>();
  for (const beside of Map.groupBy(served, ({ plan }) => `${plan.address} ${plan.port}`).values()) {
    for (const { planned, plan } of beside) {
      const others = beside.filter(({ plan: other }) => other !== plan && shareHost(hostnames(plan), hostnames(other)));
      if (others.length === 0) continue;
      const names = others.map(({ planned: { listener, owner } }) =>
        owner === planned.owner ? listener.name : `${listener.name} of ${owner.kind} ${owner.metadata.name}`,
      );
      overlaps.set(planned, [...new Set([...(overlaps.get(planned) ?? []), ...names])]);
    }
  }
  return overlaps;
}

function hostnames({ hostname }: ListenerPlan): string[] {
  return hostname === undefined ? [] : [hostname];
}
