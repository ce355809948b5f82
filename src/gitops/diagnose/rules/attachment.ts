import type { AnyRoute, Listener, ParentRef, Path, Problem, ProblemCode } from "../../../model/index.ts";
import { newSecretBook } from "../../plan/config/secrets.ts";
import {
  attachmentsOf,
  attachRoutes,
  attachStreams,
  type AttachedParent,
  type AttachedRoute,
} from "../../plan/gateway/attachments.ts";
import { hostnamesAt } from "../../plan/gateway/attach.ts";
import { servedKinds, type ListenerOwner, type PlannedListener } from "../../plan/gateway/listener.ts";
import { allListeners, planListeners } from "../../plan/gateway/listeners.ts";
import { missing } from "../references.ts";
import type { Rule, Subject } from "../rule.ts";

const group = "gateway.networking.k8s.io";

/** Every parent of a route takes it, and a route attaches somewhere. Whether it does, the planner's code says. */
export const attachment: Rule = (subject) => {
  const { inventory } = subject;
  const planned = allListeners(planListeners(inventory, newSecretBook(inventory)));
  const all: AttachedRoute[] = [...attachRoutes(planned, inventory), ...attachStreams(planned, inventory)];
  return all.flatMap(({ route, parents }) => {
    const attaches = attachmentsOf({ route, parents }).length > 0;
    const problems = parents.flatMap((parent, index) => {
      const path = parent.byDefault ? byDefault : ["spec", "parentRefs", index];
      const conflicts = conflictsOf(parent, route).map((reason) => place(reason, route, path, subject));
      if (conflicts.length > 0 || attachmentsOf({ route, parents: [parent] }).length > 0) return conflicts;
      // It asks for those that take it, and not for every one.
      if (parent.byDefault && attaches) return [];
      return [place(explain(parent.ref, route, planned, subject), route, path, subject)];
    });
    const given = problems.some(({ code }) => code === "route-conflict");
    if (given || attaches) return problems;
    const nowhere = nowhereOf(route, parents.length === 0, subject);
    return [
      ...problems.filter(({ code }) => code !== nowhere.code),
      problems.find(({ code }) => code === nowhere.code) ?? nowhere,
    ];
  });
};

const byDefault = ["spec", "useDefaultGateways"];

/** A route that serves nothing. @param alone it names no parent, and no Gateway is one by default. */
function nowhereOf(route: AnyRoute, alone: boolean, { resources }: Subject): Problem {
  const asks = (route.spec.useDefaultGateways ?? "None") !== "None";
  const words = { severity: "warning", code: "route-not-attached" } as const;
  if (alone && asks) {
    const message = "the route asks for default Gateways, and there is none: it serves nothing";
    const remedy = "Set spec.defaultScope: All of a Gateway, or name one in spec.parentRefs.";
    return resources.problem(route, byDefault, { ...words, message, remedy });
  }
  return resources.problem(route, asks ? byDefault : ["spec", "parentRefs"], {
    ...words,
    message: "the route is attached to no listener: it serves nothing",
    remedy: alone ? "Name a Gateway in spec.parentRefs." : "Correct one of spec.parentRefs.",
  });
}

/** Listeners that have a route of another kind for some of these hostnames. */
function conflictsOf({ conflicts }: AttachedParent, route: AnyRoute): Reason[] {
  return conflicts.map(({ listener, holder }) => {
    const older = `${holder.kind} ${holder.metadata.namespace}/${holder.metadata.name}`;
    const message = `listener ${listener.listener.name} takes no ${route.kind} for hostnames that ${older} has: HTTPRoutes and GRPCRoutes share none, and the older one, then the first by name, has it`;
    const remedy = "Give one of them another hostname, or a listener of its own.";
    return { code: "route-conflict", field: "name", message, remedy };
  });
}

interface Reason {
  code: ProblemCode;
  /** Field of the parentRef that is wrong. */
  field: string;
  message: string;
  remedy: string;
}

function place({ field, ...words }: Reason, route: AnyRoute, path: Path, { resources }: Subject): Problem {
  return resources.problem(route, [...path, field], { severity: "warning", ...words });
}

/** Why a parent does not take a route: the first reason on the way from the Gateway or ListenerSet to the hostnames. */
function explain(parent: ParentRef, route: AnyRoute, planned: PlannedListener[], { inventory }: Subject): Reason {
  const { kind = "Gateway" } = parent;
  if ((parent.group ?? group) !== group || (kind !== "Gateway" && kind !== "ListenerSet")) {
    const message = `a route cannot be attached to a ${parent.kind}${parent.group ? ` of ${parent.group}` : ""}`;
    return { code: "route-not-attached", field: "kind", message, remedy: "Attach it to a Gateway or a ListenerSet." };
  }
  const namespace = parent.namespace ?? route.metadata.namespace;
  const owner = inventory.find(kind, namespace, parent.name);
  if (owner === undefined) {
    return { code: "dangling-reference", ...missing(kind, namespace, parent.name, inventory) };
  }
  const named = owner.spec.listeners.filter(({ name }) => (parent.sectionName ?? name) === name);
  if (named.length === 0) return noSuchListener(owner);
  const matching = named.filter(({ port }) => (parent.port ?? port) === port);
  if (matching.length === 0) return noSuchPort(parent, named);
  const served = matching.filter((listener) =>
    planned.some((candidate) => candidate.listener === listener && candidate.plans.length > 0),
  );
  if (served.length === 0) {
    const message = `no listener of ${kind} ${namespace}/${parent.name} that this refers to is served`;
    return { code: "route-not-attached", field: "name", message, remedy: `See the problems of the ${kind}.` };
  }
  const speaking = served.filter((listener) => servedKinds(listener).includes(route.kind));
  if (speaking.length === 0) return otherProtocol(route, served);
  const common = speaking.some((listener) => hostnamesAt({ listener }, route) !== undefined);
  return common ? notAllowed(route, owner) : noHostname(route, speaking);
}

function otherProtocol(route: AnyRoute, listeners: Listener[]): Reason {
  const taken = listeners.map((listener) => `${listener.protocol}: ${servedKinds(listener).join(", ") || "none"}`);
  const message = `the listener's protocol takes no ${route.kind} (${[...new Set(taken)].join("; ")})`;
  const remedy = "Attach it to a listener of its protocol, by sectionName where the Gateway has others too.";
  return { code: "route-not-attached", field: "name", message, remedy };
}

function noSuchListener({ kind, metadata, spec }: ListenerOwner): Reason {
  const names = spec.listeners.map(({ name }) => name).join(", ");
  const message = `${kind} ${metadata.namespace}/${metadata.name} has no listener of this name (its listeners: ${names})`;
  return { code: "route-not-attached", field: "sectionName", message, remedy: "Correct sectionName, or leave it out." };
}

function noSuchPort(parent: ParentRef, listeners: Listener[]): Reason {
  const ports = [...new Set(listeners.map(({ port }) => port))].join(", ");
  const message = `no listener has port ${parent.port} (their ports: ${ports})`;
  return { code: "route-not-attached", field: "port", message, remedy: "Correct port, or leave it out." };
}

function noHostname(route: AnyRoute, listeners: Listener[]): Reason {
  const wanted = hostnamesOf(route).join(", ");
  const taken = listeners.map(({ hostname }) => hostname ?? "*").join(", ");
  const message = `the route's hostnames (${wanted}) and the listener's (${taken}) have nothing in common`;
  return {
    code: "route-not-attached",
    field: "name",
    message,
    remedy: "Correct spec.hostnames, or the listener's hostname.",
  };
}

function hostnamesOf({ spec }: AnyRoute): string[] {
  return "hostnames" in spec && Array.isArray(spec.hostnames) ? spec.hostnames : [];
}

function notAllowed(route: AnyRoute, { kind, metadata }: ListenerOwner): Reason {
  const name = `${kind} ${metadata.namespace}/${metadata.name}`;
  const message = `allowedRoutes of ${name} takes no ${route.kind} of namespace ${route.metadata.namespace}`;
  const remedy =
    "Set allowedRoutes.namespaces.from of the listener to All, or to Selector with the namespace's labels.";
  return { code: "reference-not-granted", field: "name", message, remedy };
}
