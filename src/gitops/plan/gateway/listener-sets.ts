import type { Gateway, ListenerSet } from "../../../model/kinds/types.ts";
import { doesNotExist } from "../../../model/problem/problem.ts";
import { suggest } from "../../../model/problem/suggest.ts";
import { idOf, type Inventory } from "../inventory.ts";
import type { PolicyBook } from "../policies/policies.ts";
import { selects } from "../selector.ts";
import { shown } from "./certificates.ts";
import { complain, type Complaint } from "./complaints.ts";
import { planListener, routeGroup, type ListenerParts, type PlannedListener } from "./listener.ts";
import type { PlannedGateway } from "./listeners.ts";

/** A ListenerSet with its listeners, as those of its Gateway. */
export interface PlannedListenerSet {
  set: ListenerSet;
  /** Undefined: it is not there. */
  parent: PlannedGateway | undefined;
  /** Why it is no part of a Gateway; its listeners are none then. */
  refusal: { reason: "Invalid" | "NotAllowed"; message: string } | undefined;
  listeners: PlannedListener[];
  complaints: Complaint[];
}

/** ListenerSets by their precedence (GEP-1713). Those of Gateways that belong to another controller are left to it. */
export function planListenerSets(
  sets: ListenerSet[],
  gateways: PlannedGateway[],
  parts: ListenerParts,
  policies: PolicyBook | undefined,
): PlannedListenerSet[] {
  const parents = new Map(gateways.map((planned) => [idOf(planned.gateway), planned]));
  return sets.flatMap((set): PlannedListenerSet[] => {
    const { parentRef: ref } = set.spec;
    const namespace = ref.namespace ?? set.metadata.namespace;
    const parent = parents.get(`${namespace}/${ref.name}`);
    const refused = (reason: "Invalid" | "NotAllowed", message: string, complaint: Omit<Complaint, "message">) => [
      { set, parent, refusal: { reason, message }, listeners: [], complaints: [{ ...complaint, message }] },
    ];
    const path = ["spec", "parentRef", "name"];
    if ((ref.group ?? routeGroup) !== routeGroup || (ref.kind ?? "Gateway") !== "Gateway") {
      const remedy = "Name a Gateway.";
      const message = `a ListenerSet cannot be part of a ${ref.kind ?? "Gateway"} of group ${JSON.stringify(ref.group ?? routeGroup)}`;
      return refused("Invalid", message, { path: ["spec", "parentRef", "kind"], code: "not-supported", remedy });
    }
    if (parent === undefined) {
      if (parts.inventory.find("Gateway", namespace, ref.name) !== undefined) return [];
      const names = parts.inventory
        .all("Gateway")
        .flatMap(({ metadata }) => (metadata.namespace === namespace ? metadata.name : []));
      const near = suggest(ref.name, names);
      const remedy = near ? `Did you mean ${near}?` : "Add the Gateway to the folder, or correct the name.";
      const message = doesNotExist("Gateway", namespace, ref.name);
      return refused("Invalid", message, { path, code: "dangling-reference", remedy });
    }
    if (!allows(parent.gateway, set, parts.inventory)) {
      const message = `allowedListeners of Gateway ${idOf(parent.gateway)} takes no ListenerSet of namespace ${set.metadata.namespace}`;
      const remedy =
        "Set spec.allowedListeners.namespaces.from of the Gateway to Same or All, or to Selector with the namespace's labels.";
      return refused("NotAllowed", message, { path, code: "reference-not-granted", remedy });
    }
    return [{ set, parent, refusal: undefined, ...planOf(set, parent, parts, policies) }];
  });
}

/** `allowedListeners`: ListenerSets from which namespaces. Default: none. */
function allows({ metadata, spec }: Gateway, set: ListenerSet, inventory: Inventory): boolean {
  const { from = "None", selector } = spec.allowedListeners?.namespaces ?? {};
  const { namespace } = set.metadata;
  if (from === "All") return true;
  if (from === "Same") return namespace === metadata.namespace;
  return from === "Selector" && selector !== undefined && selects(selector, inventory.namespaceLabels(namespace));
}

function planOf(
  set: ListenerSet,
  { gateway, addresses, absent, backendCertificate }: PlannedGateway,
  parts: ListenerParts,
  policies: PolicyBook | undefined,
): Pick<PlannedListenerSet, "listeners" | "complaints"> {
  const complaints: Complaint[] = [];
  const listeners = set.spec.listeners.map((listener, index) => {
    const planned = planListener(gateway, set, listener, { addresses, absent }, parts);
    complaints.push(...complain(planned, index));
    const more = { ...policies?.ofListener(planned), ...shown(backendCertificate) };
    return { ...planned, plans: planned.plans.map((each) => ({ ...each, ...more })) };
  });
  return { listeners, complaints };
}
