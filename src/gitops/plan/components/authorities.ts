import type { WasmComponent } from "../../../model/kinds/types.ts";
import type { ComponentCapabilities } from "../../../model/plan/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import { isGranted } from "../grants.ts";
import type { Inventory } from "../inventory.ts";
import type { ServiceBook } from "../services/services.ts";

const correct = "Add the Service to the folder, or correct the capability.";
const form = /^([^.:]+)(?:\.([^.:]+)(?:\.svc(?:\.cluster\.local)?)?)?(?::(\d+))?$/;

/**
 * Names by which a guest may reach one Service of its capabilities (`orders`, `shop.default`, `orders:8080`).
 * Throws Unplannable where the Service cannot be used.
 */
export function authoritiesOf(
  capability: string,
  component: WasmComponent,
  inventory: Inventory,
  services: ServiceBook,
): ComponentCapabilities["services"] {
  const home = component.metadata.namespace;
  const [, name = "", namespace = home, onlyPort] = form.exec(capability) ?? [];
  const from = { group: "bandstand.dev", kind: "WasmComponent", namespace: home };
  if (!isGranted({ from, to: { group: "", kind: "Service", namespace, name } }, inventory)) {
    throw new Unplannable(
      `no ReferenceGrant in namespace ${namespace} lets WasmComponents of ${home} use Service ${name}`,
      `Add a ReferenceGrant to namespace ${namespace}, or use a Service of ${home}.`,
      "reference-not-granted",
    );
  }
  const service = inventory.find("Service", namespace, name);
  if (service === undefined) throw new Unplannable(`Service ${namespace}/${name} does not exist`, correct);
  const declared = (service.spec.ports ?? []).filter((p) => (p.protocol ?? "TCP") === "TCP").map((p) => p.port);
  const ports = onlyPort === undefined ? declared : [Number(onlyPort)];
  const hosts = hostsOf(name, namespace, home);
  return ports.flatMap((port) => {
    const found = services.use(namespace, name, port);
    if ("reason" in found) throw new Unplannable(found.reason, correct);
    // A URL without port means 80; a Service with a single port is reached by its bare name too.
    const bare = port === 80 || (ports.length === 1 && !declared.includes(80));
    const authorities = hosts.flatMap((host) => (bare ? [host, `${host}:${port}`] : [`${host}:${port}`]));
    return authorities.map((authority) => ({ authority, service: found.id }));
  });
}

function hostsOf(name: string, namespace: string, home: string): string[] {
  const long = [`${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
  return namespace === home ? [name, ...long] : long;
}
