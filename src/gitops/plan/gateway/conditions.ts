import type { ParentRef } from "../../../model/kinds/types.ts";
import type {
  BackendTarget,
  Condition,
  ConditionsPlan,
  FilterPlan,
  GatewayClassConditions,
  GatewayConditions,
  ListenerConditions,
  ListenerSetConditions,
  ParentRefPlan,
  PolicyConditions,
  RouteConditions,
  RulePlan,
} from "../../../model/plan/index.ts";
import { idOf } from "../inventory.ts";
import { byGateway } from "./ancestors.ts";
import type { Refusal } from "./attach.ts";
import type { AttachedParent, AttachedRoute } from "./attachments.ts";
import { namesKind, routeGroup, servedKinds, type PlannedListener } from "./listener.ts";
import type { PlannedListenerSet } from "./listener-sets.ts";
import { allListeners, type PlannedGateway, type PlannedListeners } from "./listeners.ts";
import { overlapsOf } from "./overlaps.ts";

/** What is to be said of a route, whether it attaches or not. */
export interface JudgedRoute extends AttachedRoute {
  rules: JudgedRule[];
}

/** A rule, and why it is not served: the specification lets a route go on without some of its rules. */
export interface JudgedRule {
  plan: RulePlan;
  dropped: string | undefined;
}

/** The conditions of every Gateway that is ours and of every route, by the Gateway API. */
export function planConditions(
  listeners: PlannedListeners,
  routes: JudgedRoute[],
  policies: PolicyConditions[],
  gatewayClasses: GatewayClassConditions[],
): ConditionsPlan {
  const { gateways, sets } = listeners;
  const attached = new Map<PlannedListener, number>();
  const ofRoutes = routes.map((judged) => routeConditions(judged, attached));
  const overlaps = overlapsOf(allListeners(listeners));
  const ofListeners = (list: PlannedListener[], absent: string[]): ListenerConditions[] =>
    list.map((each) => listenerConditions(each, attached.get(each) ?? 0, absent, overlaps.get(each)));
  const listenerSets = sets.map((set) => listenerSetConditions(set, ofListeners));
  const accepted = sets.filter((_set, index) => listenerSets[index]?.conditions[0]?.status === "True");
  return {
    gatewayClasses,
    gateways: gateways.map((gateway) => ({
      ...gatewayConditions(gateway, ofListeners),
      addresses: gateway.addresses.filter((address) => !gateway.absent.includes(address)),
      attachedListenerSets: accepted.filter(({ parent }) => parent === gateway).length,
    })),
    listenerSets,
    routes: ofRoutes,
    policies: byGateway(policies, routes),
  };
}

type OfListeners = (listeners: PlannedListener[], absent: string[]) => ListenerConditions[];

function gatewayConditions(
  planned: PlannedGateway,
  ofListeners: OfListeners,
): Omit<GatewayConditions, "addresses" | "attachedListenerSets"> {
  const { namespace, name } = planned.gateway.metadata;
  const listeners = ofListeners(planned.listeners, planned.absent);
  const served = planned.listeners.filter(({ plans }) => plans.length > 0).length;
  const [unusable] = planned.unusable;
  const valid = planned.listeners.every(({ unsupported, conflict }) => !unsupported && !conflict);
  const accepted =
    planned.parameters !== undefined
      ? no("Accepted", "InvalidParameters", planned.parameters)
      : unusable !== undefined
        ? no("Accepted", "UnsupportedAddress", unusable)
        : valid
          ? yes("Accepted", "Accepted", "the Gateway is served")
          : condition("Accepted", served > 0, "ListenersNotValid", "see the conditions of the listeners");
  const programmed =
    planned.absent.length > 0
      ? no("Programmed", "AddressNotUsable", absentText(planned, served))
      : served > 0
        ? yes("Programmed", "Programmed", `${served} of ${planned.listeners.length} listeners are served`)
        : unusable === undefined
          ? no("Programmed", "Invalid", "no listener can be served")
          : no("Programmed", "AddressNotUsable", unusable);
  const conditions = [
    accepted,
    programmed,
    references(planned, listeners),
    ...insecure(planned),
    ...byDefault(planned),
  ];
  return { namespace, name, conditions, listeners };
}

/** A ListenerSet is accepted where any of its listeners is served. */
function listenerSetConditions(
  { set, parent, refusal, listeners: planned }: PlannedListenerSet,
  ofListeners: OfListeners,
): ListenerSetConditions {
  const { namespace, name } = set.metadata;
  const listeners = ofListeners(planned, parent?.absent ?? []);
  const unacceptable = parent?.parameters ?? parent?.unusable[0];
  const served = planned.filter(({ plans }) => plans.length > 0).length;
  const both = (reason: string, message: string): Condition[] => [
    no("Accepted", reason, message),
    no("Programmed", reason, message),
  ];
  const text = `${served} of ${planned.length} listeners are served`;
  const conditions = (): Condition[] => {
    if (refusal !== undefined) return both(refusal.reason, refusal.message);
    if (unacceptable !== undefined) {
      return [no("Accepted", "ParentNotAccepted", unacceptable), no("Programmed", "ParentNotProgrammed", unacceptable)];
    }
    if (served === 0) return both("ListenersNotValid", "see the conditions of the listeners");
    const reason = served === planned.length ? "Accepted" : "ListenersNotValid";
    return [yes("Accepted", reason, text), yes("Programmed", "Programmed", text)];
  };
  return { namespace, name, conditions: conditions(), listeners };
}

/** Of the Gateway itself, then of its listeners together. */
function references({ backendCertificate }: PlannedGateway, listeners: ListenerConditions[]): Condition {
  const problem = backendCertificate?.problem;
  if (problem !== undefined) return no("ResolvedRefs", problem.reason, problem.message);
  const unresolved = listeners.filter(({ conditions }) =>
    conditions.some(({ type, status }) => type === "ResolvedRefs" && status === "False"),
  );
  if (unresolved.length === 0) return yes("ResolvedRefs", "ResolvedRefs", "every reference is resolved");
  const names = unresolved.map(({ name }) => name).join(", ");
  return no("ResolvedRefs", "ListenersNotResolved", `see the conditions of ${names}`);
}

/** What the Gateway wants and does not get, and whether it is served all the same. */
function absentText({ absent, listeners }: PlannedGateway, served: number): string {
  return `${noAddress(absent)}; ${served} of ${listeners.length} listeners are served at other addresses`;
}

function noAddress(absent: string[]): string {
  return absent.length === 0 ? "no address" : `${absent.join(", ")}: no address of this machine`;
}

/** Of a Gateway that takes routes which ask for such a one (GEP-3793). */
function byDefault({ gateway }: PlannedGateway): Condition[] {
  const { defaultScope = "None" } = gateway.spec;
  if (defaultScope === "None") return [];
  return [yes("DefaultGateway", "DefaultGateway", `Gateway has default scope ${defaultScope}`)];
}

/** Said where certificates of clients are asked for and not insisted on. */
function insecure({ listeners }: PlannedGateway): Condition[] {
  const fallback = listeners.filter(({ plans }) =>
    plans.some(({ clientCertificates }) => clientCertificates?.required === false),
  );
  if (fallback.length === 0) return [];
  const message = `clients without a good certificate are served by ${fallback.map(({ listener }) => listener.name).join(", ")}`;
  return [yes("InsecureFrontendValidationMode", "ConfigurationChanged", message)];
}

function listenerConditions(
  planned: PlannedListener,
  attachedRoutes: number,
  absent: string[],
  overlaps: string[] | undefined,
): ListenerConditions {
  const { listener, plans, unsupported, conflict, certificateProblems, authorityProblems, invalidKinds } = planned;
  const { kinds = [] } = listener.allowedRoutes ?? {};
  const named = servedKinds(listener).filter(
    (kind) => kinds.length === 0 || kinds.some((each) => namesKind(each, kind)),
  );
  const refused = conflict ?? unsupported;
  const [certificate] = [...certificateProblems, ...authorityProblems];
  const unguarded = planned.unguarded ? authorityProblems[0] : undefined;
  const [kind] = invalidKinds;
  return {
    name: listener.name,
    plans: plans.map(({ id }) => id),
    supportedKinds: unsupported === undefined ? named.map((kind) => ({ group: routeGroup, kind })) : [],
    attachedRoutes,
    conditions: [
      refused !== undefined
        ? no("Accepted", refused.reason, refused.message)
        : unguarded !== undefined
          ? no("Accepted", "NoValidCACertificate", unguarded.message)
          : yes("Accepted", "Accepted", "the listener is valid"),
      conflict === undefined
        ? no("Conflicted", "NoConflicts", "no other listener wants its place")
        : yes("Conflicted", conflict.reason, conflict.message),
      certificate !== undefined
        ? no("ResolvedRefs", certificate.reason, certificate.message)
        : kind !== undefined
          ? no("ResolvedRefs", "InvalidRouteKinds", `${kind} is no kind of route that is served here`)
          : yes("ResolvedRefs", "ResolvedRefs", "every reference is resolved"),
      plans.length > 0
        ? yes("Programmed", "Programmed", "the listener is served")
        : no(
            "Programmed",
            conflict?.reason ?? "Invalid",
            refused?.message ?? certificate?.message ?? noAddress(absent),
          ),
      ...(overlaps === undefined ? [] : [overlapping(overlaps)]),
    ],
  };
}

/** Said only where it is so. What is sent over the wrong one's connection is answered with 421. */
function overlapping(others: string[]): Condition {
  return yes("OverlappingTLSConfig", "OverlappingHostnames", `hostnames in common with ${others.join(", ")}`);
}

function routeConditions(
  { route, parents: attachedTo, rules }: JudgedRoute,
  attached: Map<PlannedListener, number>,
): RouteConditions {
  const { namespace, name } = route.metadata;
  const taken = new Set<PlannedListener>();
  const parents = attachedTo.map((parent) => {
    const { ref, found } = parent;
    const names = typeof found === "string" ? [] : found.map(({ planned }) => planned.listener.name);
    const refusal = typeof found === "string" ? no("Accepted", found, refusalText(found, parent)) : undefined;
    const conditions = [...accepted(refusal, names, rules), resolved(rules)];
    // Only what is accepted is counted (ListenerStatus, `attachedRoutes`).
    if (typeof found !== "string" && conditions[0]?.status === "True")
      for (const { planned } of found) taken.add(planned);
    return { parentRef: parentOf(ref, namespace), conditions };
  });
  for (const listener of taken) attached.set(listener, (attached.get(listener) ?? 0) + 1);
  return { kind: route.kind, namespace, name, parents };
}

const refusals: Record<Exclude<Refusal, "HostnameConflict">, string> = {
  NoMatchingParent: "no Gateway or ListenerSet, listener or port that is served has this name",
  NotAllowedByListeners: "allowedRoutes of the listeners does not take the route",
  NoMatchingListenerHostname: "the hostnames of route and listeners have nothing in common",
};

function refusalText(refusal: Refusal, { conflicts }: AttachedParent): string {
  if (refusal !== "HostnameConflict") return refusals[refusal];
  const holders = new Set(conflicts.map(({ holder }) => `${holder.kind} ${idOf(holder)}`));
  return `HTTPRoutes and GRPCRoutes share no hostname of a listener, and ${[...holders].join(", ")} came first`;
}

function accepted(refusal: Condition | undefined, names: string[], rules: JudgedRule[]): Condition[] {
  if (refusal !== undefined) return [refusal];
  const unsupported = rules.map(unsupportedOf);
  const said = unsupported.flatMap((reason, index) => (reason === undefined ? [] : [`${index + 1} (${reason})`]));
  if (said.length > 0 && said.length === rules.length) {
    return [no("Accepted", "UnsupportedValue", unsupported[0] ?? "")];
  }
  const attached = yes("Accepted", "Accepted", `attached to ${[...new Set(names)].join(", ")}`);
  if (said.length === 0) return [attached];
  // The specification wants these words first.
  return [attached, yes("PartiallyInvalid", "UnsupportedValue", `Dropped Rule ${said.join(", ")}`)];
}

/** Why a rule does not do what it says, apart from what it refers to. */
function unsupportedOf({ plan, dropped }: JudgedRule): string | undefined {
  if (dropped !== undefined) return dropped;
  const found = unresolvedOf(plan).find(({ condition }) => condition === "UnsupportedValue");
  return found && `${found.reason}: its requests are answered with 500`;
}

function resolved(rules: JudgedRule[]): Condition {
  const found = rules
    .flatMap(({ plan }) => unresolvedOf(plan))
    .find(({ condition }) => condition !== "UnsupportedValue");
  if (found !== undefined) return no("ResolvedRefs", found.condition, found.reason);
  return yes("ResolvedRefs", "ResolvedRefs", "every reference is resolved");
}

type Unresolved = Extract<BackendTarget, { type: "Unresolved" }>;

function unresolvedOf(rule: RulePlan): Unresolved[] {
  const ofFilters = (filters: FilterPlan[]): (FilterPlan | BackendTarget)[] =>
    filters.map((filter) => (filter.type === "RequestMirror" ? filter.target : filter));
  const all = [
    ...ofFilters(rule.filters),
    ...rule.backends.flatMap(({ target, filters }) => [target, ...ofFilters(filters)]),
  ];
  return all.filter((each) => each.type === "Unresolved");
}

function parentOf(ref: ParentRef, home: string): ParentRefPlan {
  const { kind, namespace = home, name, sectionName, port } = ref;
  return {
    ...(kind === "ListenerSet" ? { kind } : {}),
    namespace,
    name,
    ...(sectionName === undefined ? {} : { sectionName }),
    ...(port === undefined ? {} : { port }),
  };
}

function condition(type: Condition["type"], holds: boolean, reason: string, message: string): Condition {
  return { type, status: holds ? "True" : "False", reason, message };
}

function yes(type: Condition["type"], reason: string, message: string): Condition {
  return condition(type, true, reason, message);
}

function no(type: Condition["type"], reason: string, message: string): Condition {
  return condition(type, false, reason, message);
}
