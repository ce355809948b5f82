import type { AnyRoute, Gateway, Listener, ListenerSet } from "../../../model/kinds/types.ts";
import type { CertificatePlan, ClientCertificatesPlan, ListenerPlan } from "../../../model/plan/index.ts";
import type { SecretBook } from "../config/secrets.ts";
import { idOf, type Inventory } from "../inventory.ts";
import { planCertificates, type CertificateProblem } from "./certificates.ts";
import { planClientCertificates, type AuthorityProblem } from "./client-certificates.ts";
import type { Conflict, Places } from "./places.ts";

export const routeGroup = "gateway.networking.k8s.io";
/** Kinds of routes that listeners take, by their protocol. */
const kindsOf: Readonly<Record<ListenerPlan["protocol"], readonly AnyRoute["kind"][]>> = {
  HTTP: ["HTTPRoute", "GRPCRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  TCP: ["TCPRoute"],
  TLS: ["TLSRoute"],
  UDP: ["UDPRoute"],
};
export const servedProtocols = Object.keys(kindsOf);

/** Of a protocol that is not served: none. */
export function servedKinds({ protocol }: Listener): readonly AnyRoute["kind"][] {
  return Object.hasOwn(kindsOf, protocol) ? kindsOf[protocol as ListenerPlan["protocol"]] : [];
}

/** Whether an entry of `allowedRoutes.kinds` means a kind of route. */
export function namesKind({ group = routeGroup, kind }: { group?: string | undefined; kind: string }, wanted: string) {
  return group === routeGroup && kind === wanted;
}

/** Whose listener it is: it decides where routes and Secrets are looked for. */
export type ListenerOwner = Gateway | ListenerSet;

/** A listener with the plans it became, one an address; none where it cannot be served. Routes attach by it. */
export interface PlannedListener {
  /** That it is served by. */
  gateway: Gateway;
  owner: ListenerOwner;
  listener: Listener;
  plans: ListenerPlan[];
  /** Why it is not served, by the specification's conditions. */
  unsupported: { reason: "UnsupportedProtocol" | "UnsupportedValue"; message: string } | undefined;
  conflict: Conflict | undefined;
  certificateProblems: CertificateProblem[];
  /** Of CA certificates for those of clients. */
  authorityProblems: AuthorityProblem[];
  /** There is no CA certificate left to check clients by: nobody may be let in. */
  unguarded: boolean;
  /** Kinds of routes in `allowedRoutes` that are not served. */
  invalidKinds: string[];
}

/** What listeners are planned with. */
export interface ListenerParts {
  places: Places;
  inventory: Inventory;
  secrets: SecretBook;
}

/** One listener at the addresses of its Gateway that are here. */
export function planListener(
  gateway: Gateway,
  owner: ListenerOwner,
  listener: Listener,
  { addresses, absent }: { addresses: string[]; absent: string[] },
  { places, inventory, secrets }: ListenerParts,
): PlannedListener {
  const kinds = listener.allowedRoutes?.kinds ?? [];
  const unsupported = unsupportedOf(listener);
  const invalidKinds = kinds.flatMap((each) =>
    servedKinds(listener).some((served) => namesKind(each, served)) ? [] : [each.kind],
  );
  const planned = {
    gateway,
    owner,
    listener,
    invalidKinds,
    conflict: undefined,
    certificateProblems: [],
    plans: [],
    authorityProblems: [],
    unguarded: false,
  };
  const here = addresses.filter((address) => !absent.includes(address));
  const nameAt = (address: string): string => {
    const named = `${idOf(gateway)}/${owner === gateway ? "" : `${idOf(owner)}/`}${listener.name}`;
    return addresses.length > 1 ? `${named}@${address}` : named;
  };
  if (unsupported !== undefined) return { ...planned, unsupported };
  const ends = listener.protocol === "HTTPS" || (listener.protocol === "TLS" && !passesThrough(listener));
  const tls = ends ? planCertificates(owner, listener, inventory, secrets) : undefined;
  const certificateProblems = tls?.problems ?? [];
  const clients = tls && planClientCertificates(gateway, owner, listener, inventory);
  const unguarded = clients?.plan.authorities.length === 0;
  const plans: ListenerPlan[] = [];
  let conflict: Conflict | undefined;
  for (const address of here) {
    const plan = planAt(nameAt(address), address, listener, tls?.certificates, clients?.plan);
    const found = conflictBeside(plan, owner, listener, places) ?? places.take(plan);
    conflict ??= found;
    if (found === undefined && tls?.certificates.length !== 0 && !unguarded) plans.push(plan);
  }
  const authorityProblems = clients?.problems ?? [];
  return { ...planned, unsupported, certificateProblems, authorityProblems, unguarded, plans, conflict };
}

function planAt(
  id: string,
  address: string,
  listener: Listener,
  certificates: CertificatePlan[] | undefined,
  clientCertificates: ClientCertificatesPlan | undefined,
): ListenerPlan {
  const { port, hostname, protocol } = listener;
  const plan = { id, address, port, protocol: protocol as ListenerPlan["protocol"] };
  return {
    ...plan,
    ...(protocol === "TLS" && passesThrough(listener) ? { passthrough: true as const } : {}),
    ...(hostname && protocol !== "TCP" && protocol !== "UDP" ? { hostname } : {}),
    ...(certificates === undefined ? {} : { certificates }),
    ...(clientCertificates === undefined ? {} : { clientCertificates }),
  };
}

/**
 * TCP beside HTTP, HTTPS or TLS on a port of one Gateway or ListenerSet: the Gateway API wants none of them accepted (Gateway,
 * `listeners`). Who has lost the place to somebody else wants nothing any more.
 */
function conflictBeside(
  { id, address, port, protocol }: ListenerPlan,
  owner: ListenerOwner,
  listener: Listener,
  places: Places,
): Conflict | undefined {
  if (protocol === "UDP") return undefined;
  const other = owner.spec.listeners.find(
    (each) =>
      each !== listener &&
      each.port === port &&
      each.protocol !== "UDP" &&
      (each.protocol === "TCP") !== (protocol === "TCP") &&
      unsupportedOf(each) === undefined &&
      places.conflictOf(placeOf(each, address)) === undefined,
  );
  if (other === undefined || places.conflictOf(placeOf(listener, address)) !== undefined) return undefined;
  const message = `listener ${id} wants ${protocol} on the address and port where ${other.name} wants ${other.protocol}: neither is served`;
  return { reason: "ProtocolConflict", message };
}

function placeOf({ name, port, protocol, hostname }: Listener, address: string) {
  return { id: name, address, port, protocol: protocol as ListenerPlan["protocol"], hostname: hostname ?? "" };
}

function passesThrough({ tls }: Listener): boolean {
  return tls?.mode === "Passthrough";
}

function unsupportedOf({ name, protocol, tls }: Listener): PlannedListener["unsupported"] {
  if (!servedProtocols.includes(protocol)) {
    return {
      reason: "UnsupportedProtocol",
      message: `protocol ${protocol} is not served: listener ${name} stays closed`,
    };
  }
  if (protocol === "HTTPS" && tls?.mode === "Passthrough") {
    return {
      reason: "UnsupportedValue",
      message: `tls.mode Passthrough is not served for HTTPS: listener ${name} stays closed`,
    };
  }
  return undefined;
}
