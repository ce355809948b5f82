import { isIP } from "node:net";
import type { Gateway, Listener } from "../../../model/kinds/types.ts";
import type { CertificatePlan, ClientCertificatesPlan, ListenerPlan } from "../../../model/plan/index.ts";
import type { ProblemCode } from "../../../model/problem/problem.ts";
import type { SecretBook } from "../config/secrets.ts";
import { compare, idOf } from "../inventory.ts";
import type { PolicyBook } from "../policies/policies.ts";
import type { Inventory } from "../inventory.ts";
import { planClientCertificates, type AuthorityProblem } from "./client-certificates.ts";
import {
  planBackendCertificate,
  planCertificates,
  type BackendCertificate,
  type CertificateProblem,
} from "./certificates.ts";
import { Places, type Conflict } from "./places.ts";

/** Controller that a GatewayClass document must name if there is one. */
export const controllerName = "bandstand.dev/gateway-controller";
const defaultAddress = "127.0.0.1";
export const routeGroup = "gateway.networking.k8s.io";
/** Kinds of routes that listeners of HTTP and HTTPS take. */
export const servedKinds = ["HTTPRoute", "GRPCRoute"] as const;

/** Whether an entry of `allowedRoutes.kinds` means a kind of route. */
export function namesKind({ group = routeGroup, kind }: { group?: string | undefined; kind: string }, wanted: string) {
  return group === routeGroup && kind === wanted;
}

/** What is wrong with a Gateway, and where in it. */
export interface Complaint {
  path: (string | number)[];
  code: ProblemCode;
  message: string;
  remedy: string;
}

/** A Gateway of ours with its listeners. */
export interface PlannedGateway {
  gateway: Gateway;
  listeners: PlannedListener[];
  /** Addresses of a type that is not supported. */
  unusable: string[];
  /** Addresses that nothing can listen on here. */
  absent: string[];
  /** Parameters that nothing here reads. */
  parameters: string | undefined;
  /** What backends are shown. */
  backendCertificate: BackendCertificate | undefined;
  complaints: Complaint[];
}

/** A Gateway's listener with the plans it became, one an address; none where it cannot be served. Routes attach by it. */
export interface PlannedListener {
  gateway: Gateway;
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

export interface ListenerOptions {
  policies?: PolicyBook;
  /** IP addresses that nothing can listen on here. Said by the caller: planning looks at no machine. */
  absent?: ReadonlySet<string> | undefined;
}

/** Listeners of all Gateways that are ours. Where two claim the same place, the older Gateway has it. */
export function planListeners(
  inventory: Inventory,
  secrets: SecretBook,
  { policies, absent: elsewhere }: ListenerOptions = {},
): PlannedGateway[] {
  const places = new Places();
  const gateways = inventory.all("Gateway").filter((gateway) => isOurs(gateway, inventory));
  return gateways.toSorted(byAge).map((gateway) => {
    const complaints: Complaint[] = [];
    const { addresses, unusable } = addressesOf(gateway, complaints);
    const absent = absentOf(gateway, addresses, elsewhere, complaints);
    const backendCertificate = planBackendCertificate(gateway, inventory, secrets);
    if (backendCertificate?.problem) complaints.push(aboutBackendCertificate(backendCertificate.problem));
    const listeners = gateway.spec.listeners.map((listener, index) => {
      const planned = planListener(gateway, listener, { addresses, absent }, places, inventory, secrets);
      complaints.push(...complain(planned, index));
      const more = {
        ...policies?.ofListener(gateway, listener.name),
        ...(backendCertificate && { backendCertificate: backendCertificate.plan }),
      };
      return { ...planned, plans: planned.plans.map((each) => ({ ...each, ...more })) };
    });
    const parameters = parametersOf(gateway, complaints);
    return { gateway, listeners, unusable, absent, parameters, backendCertificate, complaints };
  });
}

function parametersOf({ spec }: Gateway, complaints: Complaint[]): string | undefined {
  const ref = spec.infrastructure?.parametersRef;
  if (ref === undefined) return undefined;
  const message = `there are no parameters of kind ${ref.kind}.${ref.group}: the Gateway is served without ${ref.name}`;
  const remedy = "Remove spec.infrastructure.parametersRef.";
  complaints.push({ path: ["spec", "infrastructure", "parametersRef"], code: "not-supported", message, remedy });
  return message;
}

/** Backends would take us for somebody else without it, or turn every request away. */
function aboutBackendCertificate({ reason, message }: NonNullable<BackendCertificate["problem"]>): Complaint {
  const denied = reason === "RefNotPermitted";
  return {
    path: ["spec", "tls", "backend", "clientCertificateRef", "name"],
    code: denied ? "missing-grant" : "dangling-reference",
    message: `${message}: requests to backends with a BackendTLSPolicy are answered with 500`,
    remedy: denied
      ? "Add a ReferenceGrant to that namespace: from Gateway, to Secret."
      : "Name a Secret of type kubernetes.io/tls with tls.crt and tls.key.",
  };
}

function planListener(
  gateway: Gateway,
  listener: Listener,
  { addresses, absent }: Pick<PlannedGateway, "absent"> & { addresses: string[] },
  places: Places,
  inventory: Inventory,
  secrets: SecretBook,
): PlannedListener {
  const kinds = listener.allowedRoutes?.kinds ?? [];
  const invalidKinds = kinds.flatMap((each) =>
    servedKinds.some((served) => namesKind(each, served)) ? [] : [each.kind],
  );
  const planned = {
    gateway,
    listener,
    invalidKinds,
    conflict: undefined,
    certificateProblems: [],
    plans: [],
    authorityProblems: [],
    unguarded: false,
  };
  const unsupported = unsupportedOf(listener);
  if (unsupported !== undefined) return { ...planned, unsupported };
  const tls = listener.protocol === "HTTPS" ? planCertificates(gateway, listener, inventory, secrets) : undefined;
  const certificateProblems = tls?.problems ?? [];
  const clients = tls && planClientCertificates(gateway, listener, inventory);
  const unguarded = clients?.plan.authorities.length === 0;
  const plans: ListenerPlan[] = [];
  let conflict: Conflict | undefined;
  for (const address of addresses) {
    if (absent.includes(address)) continue;
    const id = `${idOf(gateway)}/${listener.name}${addresses.length > 1 ? `@${address}` : ""}`;
    const plan = planAt(id, address, listener, tls?.certificates, clients?.plan);
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

function complain(
  { listener, unsupported, conflict, certificateProblems, authorityProblems, invalidKinds }: PlannedListener,
  index: number,
): Complaint[] {
  const path = ["spec", "listeners", index];
  const complaints: Complaint[] = [];
  if (unsupported !== undefined) {
    const [field, remedy] =
      unsupported.reason === "UnsupportedProtocol"
        ? [["protocol"], "Use protocol HTTP or HTTPS."]
        : [["tls", "mode"], "Use mode Terminate."];
    complaints.push({ path: [...path, ...field], code: "not-served-yet", message: unsupported.message, remedy });
  }
  if (conflict !== undefined) {
    const remedy = "Give one of them another port or hostname.";
    complaints.push({ path: [...path, "port"], code: "listener-conflict", message: conflict.message, remedy });
  }
  for (const { index: at, reason, message } of certificateProblems) {
    const denied = reason === "RefNotPermitted";
    complaints.push({
      path: at === undefined ? [...path, "protocol"] : [...path, "tls", "certificateRefs", at, "name"],
      code: denied ? "missing-grant" : "dangling-reference",
      message: `listener ${listener.name}: ${message}`,
      remedy: denied
        ? "Add a ReferenceGrant to that namespace: from Gateway, to Secret."
        : "Name a Secret of type kubernetes.io/tls with tls.crt and tls.key.",
    });
  }
  for (const { path: at, reason, message } of authorityProblems) {
    complaints.push({
      path: at,
      code: reason === "RefNotPermitted" ? "missing-grant" : "dangling-reference",
      message: `listener ${listener.name}: ${message}`,
      remedy:
        reason === "RefNotPermitted"
          ? "Add a ReferenceGrant to that namespace: from Gateway, to ConfigMap."
          : "Name a ConfigMap with the certificates in ca.crt.",
    });
  }
  for (const kind of invalidKinds) {
    const message = `allowedRoutes of listener ${listener.name} names ${kind}: ${servedKinds.join("s and ")}s are served`;
    const remedy = "Remove it from allowedRoutes.kinds.";
    complaints.push({ path: [...path, "allowedRoutes", "kinds"], code: "not-supported", message, remedy });
  }
  return complaints;
}

/** Without a GatewayClass document every class is ours; with one, its controller decides. */
function isOurs(gateway: Gateway, inventory: Inventory): boolean {
  const found = inventory.find("GatewayClass", "", gateway.spec.gatewayClassName);
  return found === undefined || found.spec.controllerName === controllerName;
}

function addressesOf(gateway: Gateway, complaints: Complaint[]): { addresses: string[]; unusable: string[] } {
  const wanted = gateway.spec.addresses ?? [];
  const unusable: string[] = [];
  const addresses = wanted.flatMap(({ type = "IPAddress", value = "" }, index) => {
    if (type === "IPAddress" && value === "") return [defaultAddress];
    if (type === "IPAddress" && isIP(value) !== 0) return [value];
    const message = `an address of type ${type} cannot be bound: expected type IPAddress and an IP address, got ${JSON.stringify(value)}`;
    const remedy = "Use an IP address of this machine, or 0.0.0.0 for all.";
    unusable.push(message);
    complaints.push({ path: ["spec", "addresses", index, "value"], code: "not-supported", message, remedy });
    return [];
  });
  if (wanted.length === 0) return { addresses: [defaultAddress], unusable };
  return { addresses: [...new Set(addresses)].toSorted(compare), unusable };
}

/** The rest of the Gateway is served: only what nobody could reach stays closed. */
function absentOf(
  { spec }: Gateway,
  addresses: string[],
  elsewhere: ReadonlySet<string> | undefined,
  complaints: Complaint[],
): string[] {
  if (elsewhere === undefined || elsewhere.size === 0) return [];
  const absent = addresses.filter((address) => elsewhere.has(address));
  for (const address of absent) {
    const index = spec.addresses?.findIndex(({ value }) => value === address) ?? -1;
    const path = index < 0 ? ["spec"] : ["spec", "addresses", index, "value"];
    const message = `${address} is no address of this machine: nothing is served there`;
    const remedy = "Use an IP address of this machine (ip address lists them), or 0.0.0.0 for all.";
    complaints.push({ path, code: "address-not-usable", message, remedy });
  }
  return absent;
}

function byAge(a: Gateway, b: Gateway): number {
  return compare(a.metadata.creationTimestamp ?? "~", b.metadata.creationTimestamp ?? "~") || compare(idOf(a), idOf(b));
}
