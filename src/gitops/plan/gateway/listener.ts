import type { Gateway, Listener, ListenerSet } from "../../../model/kinds/types.ts";
import type { CertificatePlan, ClientCertificatesPlan, ListenerPlan } from "../../../model/plan/index.ts";
import type { SecretBook } from "../config/secrets.ts";
import { idOf, type Inventory } from "../inventory.ts";
import { planCertificates, type CertificateProblem } from "./certificates.ts";
import { planClientCertificates, type AuthorityProblem } from "./client-certificates.ts";
import type { Conflict, Places } from "./places.ts";

export const routeGroup = "gateway.networking.k8s.io";
/** Kinds of routes that listeners of HTTP and HTTPS take. */
export const servedKinds = ["HTTPRoute", "GRPCRoute"] as const;

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

/** Protocols of the Gateway API that take a port of TCP. */
const overTcp: ReadonlySet<string> = new Set(["TCP", "TLS"]);

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
  const takesRoutes = unsupported?.reason !== "UnsupportedProtocol";
  const invalidKinds = kinds.flatMap((each) =>
    takesRoutes && servedKinds.some((served) => namesKind(each, served)) ? [] : [each.kind],
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
  if (unsupported !== undefined) {
    // Who has the port keeps it, whatever else wants it.
    const found = overTcp.has(listener.protocol)
      ? here.map((address) => places.speaksOtherwise({ ...listener, id: nameAt(address), address }))
      : [];
    return { ...planned, unsupported, conflict: found.find((each) => each !== undefined) };
  }
  const tls = listener.protocol === "HTTPS" ? planCertificates(owner, listener, inventory, secrets) : undefined;
  const certificateProblems = tls?.problems ?? [];
  const clients = tls && planClientCertificates(gateway, owner, listener, inventory);
  const unguarded = clients?.plan.authorities.length === 0;
  const plans: ListenerPlan[] = [];
  let conflict: Conflict | undefined;
  for (const address of here) {
    const plan = planAt(nameAt(address), address, listener, tls?.certificates, clients?.plan);
    const found = places.take(plan);
    conflict ??= found;
    if (found === undefined && tls?.certificates.length !== 0 && !unguarded) plans.push(plan);
  }
  const authorityProblems = clients?.problems ?? [];
  return { ...planned, unsupported, certificateProblems, authorityProblems, unguarded, plans, conflict };
}

function planAt(
  id: string,
  address: string,
  { port, hostname, protocol }: Listener,
  certificates: CertificatePlan[] | undefined,
  clientCertificates: ClientCertificatesPlan | undefined,
): ListenerPlan {
  const plan = { id, address, port, protocol: protocol as ListenerPlan["protocol"] };
  return {
    ...plan,
    ...(hostname ? { hostname } : {}),
    ...(certificates === undefined ? {} : { certificates }),
    ...(clientCertificates === undefined ? {} : { clientCertificates }),
  };
}

function unsupportedOf({ name, protocol, tls }: Listener): PlannedListener["unsupported"] {
  if (protocol !== "HTTP" && protocol !== "HTTPS") {
    return {
      reason: "UnsupportedProtocol",
      message: `protocol ${protocol} is not served: listener ${name} stays closed`,
    };
  }
  if (tls?.mode === "Passthrough") {
    return {
      reason: "UnsupportedValue",
      message: `tls.mode Passthrough is not served for HTTPS: listener ${name} stays closed`,
    };
  }
  return undefined;
}
