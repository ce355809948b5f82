import type { Gateway } from "../../../model/kinds/types.ts";
import type { SecretBook } from "../config/secrets.ts";
import { byAge, type Inventory } from "../inventory.ts";
import type { PolicyBook } from "../policies/policies.ts";
import { absentOf, addressesOf } from "./addresses.ts";
import { planBackendCertificate, shown, type BackendCertificate } from "./certificates.ts";
import { controllerName } from "./classes.ts";
import { aboutBackendCertificate, aboutInfrastructure, complain, parametersOf, type Complaint } from "./complaints.ts";
import { planListener, type ListenerParts, type PlannedListener } from "./listener.ts";
import { planListenerSets, type PlannedListenerSet } from "./listener-sets.ts";
import { Places } from "./places.ts";

/** A Gateway of ours with its listeners. */
export interface PlannedGateway {
  gateway: Gateway;
  listeners: PlannedListener[];
  /** That it wants to listen on. */
  addresses: string[];
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

export interface ListenerOptions {
  policies?: PolicyBook;
  /** IP addresses that nothing can listen on here. Said by the caller: planning looks at no machine. */
  absent?: ReadonlySet<string> | undefined;
}

/** All Gateways that are ours, and the ListenerSets that want to be part of them. */
export interface PlannedListeners {
  gateways: PlannedGateway[];
  sets: PlannedListenerSet[];
}

/** Every listener that is planned, served or not. Routes attach to these. */
export function allListeners({ gateways, sets }: PlannedListeners): PlannedListener[] {
  return [...gateways, ...sets].flatMap(({ listeners }) => listeners);
}

/**
 * Where two listeners claim the same place, those of Gateways come before those of ListenerSets, then the older Gateway or
 * ListenerSet, then the first by name.
 */
export function planListeners(
  inventory: Inventory,
  secrets: SecretBook,
  { policies, absent }: ListenerOptions = {},
): PlannedListeners {
  const parts = { places: new Places(), inventory, secrets };
  const gateways = inventory
    .all("Gateway")
    .filter((gateway) => isOurs(gateway, inventory))
    .toSorted(byAge)
    .map((gateway) => planGateway(gateway, parts, policies, absent));
  const sets = planListenerSets(inventory.all("ListenerSet").toSorted(byAge), gateways, parts, policies);
  return { gateways, sets };
}

function planGateway(
  gateway: Gateway,
  parts: ListenerParts,
  policies: PolicyBook | undefined,
  elsewhere: ReadonlySet<string> | undefined,
): PlannedGateway {
  const complaints: Complaint[] = [];
  const { addresses, unusable } = addressesOf(gateway, complaints);
  const absent = absentOf(gateway, addresses, elsewhere, complaints);
  const backendCertificate = planBackendCertificate(gateway, parts.inventory, parts.secrets);
  if (backendCertificate?.problem) complaints.push(aboutBackendCertificate(backendCertificate.problem));
  const listeners = gateway.spec.listeners.map((listener, index) => {
    const planned = planListener(gateway, gateway, listener, { addresses, absent }, parts);
    complaints.push(...complain(planned, index));
    const more = { ...policies?.ofListener(planned), ...shown(backendCertificate) };
    return { ...planned, plans: planned.plans.map((each) => ({ ...each, ...more })) };
  });
  const parameters = parametersOf(gateway, complaints);
  complaints.push(...aboutInfrastructure(gateway));
  return { gateway, listeners, addresses, unusable, absent, parameters, backendCertificate, complaints };
}

/** Without a GatewayClass document every class is ours; with one, its controller decides. */
function isOurs(gateway: Gateway, inventory: Inventory): boolean {
  const found = inventory.find("GatewayClass", "", gateway.spec.gatewayClassName);
  return found === undefined || found.spec.controllerName === controllerName;
}
