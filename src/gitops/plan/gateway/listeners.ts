import { isIP } from "node:net";
import type { Gateway, Listener } from "../../../model/kinds/types.ts";
import type { ListenerPlan } from "../../../model/plan/index.ts";
import { compare, idOf } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { nameOf } from "../report.ts";
import type { Report } from "../report.ts";

/** Controller that a GatewayClass document must name if there is one. */
export const controllerName = "bandstand.dev/gateway-controller";
const defaultAddress = "127.0.0.1";

/** A Gateway's listener with the plans it became, one an address; routes attach by it. */
export interface PlannedListener {
  gateway: Gateway;
  listener: Listener;
  plans: ListenerPlan[];
}

/** Listeners of all Gateways that are ours. Where two claim the same place, the older Gateway has it. */
export function planListeners(inventory: Inventory, report: Report): PlannedListener[] {
  const taken = new Map<string, string>();
  const gateways = inventory.all("Gateway").filter((gateway) => isOurs(gateway, inventory));
  return gateways.toSorted(byAge).flatMap((gateway) => {
    const addresses = addressesOf(gateway, report);
    return gateway.spec.listeners.flatMap((listener) => {
      // TLS and TCP listeners are reported by the diagnosis.
      if (listener.protocol !== "HTTP") return [];
      const plans = addresses.flatMap((address) => {
        const suffix = addresses.length > 1 ? `@${address}` : "";
        const plan = planListener(`${idOf(gateway)}/${listener.name}${suffix}`, address, listener);
        const place = `${address} ${listener.port} ${listener.hostname ?? ""}`;
        const holder = taken.get(place);
        if (holder === undefined) {
          taken.set(place, plan.id);
          return [plan];
        }
        const what = `listener ${plan.id} wants the address, port and hostname that ${holder} has`;
        report.add(nameOf(gateway), "warning", "listener-conflict", what, "Give one of them another port or hostname.");
        return [];
      });
      return plans.length > 0 ? [{ gateway, listener, plans }] : [];
    });
  });
}

function planListener(id: string, address: string, { port, hostname }: Listener): ListenerPlan {
  return { id, address, port, protocol: "HTTP", ...(hostname === undefined ? {} : { hostname }) };
}

/** Without a GatewayClass document every class is ours; with one, its controller decides. */
function isOurs(gateway: Gateway, inventory: Inventory): boolean {
  const found = inventory.find("GatewayClass", "", gateway.spec.gatewayClassName);
  return found === undefined || found.spec.controllerName === controllerName;
}

function addressesOf(gateway: Gateway, report: Report): string[] {
  const wanted = gateway.spec.addresses ?? [];
  if (wanted.length === 0) return [defaultAddress];
  const addresses = wanted.flatMap(({ type = "IPAddress", value = "" }) => {
    if (type === "IPAddress" && value === "") return [defaultAddress];
    if (type === "IPAddress" && isIP(value) !== 0) return [value];
    const what = `address ${value || "without value"} of type ${type} cannot be bound: expected type IPAddress and an IP address`;
    report.add(
      nameOf(gateway),
      "warning",
      "not-supported",
      what,
      "Use an IP address of this machine, or 0.0.0.0 for all.",
    );
    return [];
  });
  return [...new Set(addresses)].toSorted(compare);
}

function byAge(a: Gateway, b: Gateway): number {
  return compare(a.metadata.creationTimestamp ?? "~", b.metadata.creationTimestamp ?? "~") || compare(idOf(a), idOf(b));
}
