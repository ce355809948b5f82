import { X509Certificate } from "node:crypto";
import type { Inventory } from "../inventory.ts";

/** CA certificates of a ConfigMap, as the Gateway API keeps them: PEM in `ca.crt`. Undefined: there are none to read. */
export function readAuthorities(inventory: Inventory, namespace: string, name: string): string | undefined {
  const text = inventory.find("ConfigMap", namespace, name)?.data?.["ca.crt"];
  const parts = text?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const part of parts) new X509Certificate(part);
  } catch {
    return undefined;
  }
  return parts.length === 0 ? undefined : `${parts.join("\n")}\n`;
}
