import type { Condition, ConditionsPlan, ListenerSetConditions } from "../../../model/plan/index.ts";
import type { Kind } from "../../../model/kinds/types.ts";
import type { Inventory } from "../inventory.ts";

/** Conditions with the generation of the resource that they speak of, where its YAML has one. */
export function withGenerations(plan: ConditionsPlan, inventory: Inventory): ConditionsPlan {
  const seen = (kind: Kind, namespace: string, name: string) => {
    const observedGeneration = inventory.find(kind, namespace, name)?.metadata.generation;
    return (conditions: Condition[]): Condition[] =>
      observedGeneration === undefined ? conditions : conditions.map((each) => ({ ...each, observedGeneration }));
  };
  const withListeners = <T extends ListenerSetConditions>(kind: "Gateway" | "ListenerSet", each: T): T => {
    const of = seen(kind, each.namespace, each.name);
    const listeners = each.listeners.map((listener) => ({ ...listener, conditions: of(listener.conditions) }));
    return { ...each, conditions: of(each.conditions), listeners };
  };
  return {
    gatewayClasses: plan.gatewayClasses.map((each) => {
      return { ...each, conditions: seen("GatewayClass", "", each.name)(each.conditions) };
    }),
    gateways: plan.gateways.map((each) => withListeners("Gateway", each)),
    listenerSets: plan.listenerSets.map((each) => withListeners("ListenerSet", each)),
    routes: plan.routes.map((each) => {
      const of = seen(each.kind, each.namespace, each.name);
      return { ...each, parents: each.parents.map((parent) => ({ ...parent, conditions: of(parent.conditions) })) };
    }),
    policies: plan.policies.map((each) => {
      const of = seen(each.kind, each.namespace, each.name);
      const ancestors = each.ancestors.map((ancestor) => ({ ...ancestor, conditions: of(ancestor.conditions) }));
      return { ...each, ancestors };
    }),
  };
}
