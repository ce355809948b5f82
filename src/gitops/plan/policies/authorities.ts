import { X509Certificate } from "node:crypto";
import type { Inventory } from "../inventory.ts";

/** Why CA certificates that are named cannot be used. */
export interface AuthorityProblem {
  /** In `caCertificateRefs`. */
  index: number;
  reason: "InvalidCACertificateRef" | "InvalidKind";
  message: string;
}

/** The CA certificates that are named by `caCertificateRefs`, and why others cannot be used. */
export function authoritiesNamed(
  refs: readonly { group: string; kind: string; name: string }[],
  namespace: string,
  inventory: Inventory,
): { authorities: string[]; problems: AuthorityProblem[] } {
  const authorities: string[] = [];
  const problems: AuthorityProblem[] = [];
  for (const [index, { group, kind, name }] of refs.entries()) {
    if (group !== "" || kind !== "ConfigMap") {
      const message = `${kind}${group && `.${group}`} ${name} holds no CA certificates: expected a ConfigMap`;
      problems.push({ index, reason: "InvalidKind", message });
      continue;
    }
    const found = readAuthorities(inventory, namespace, name);
    if (found !== undefined) authorities.push(found);
    else {
      const message = `ConfigMap ${namespace}/${name} has no CA certificates in PEM as ca.crt`;
      problems.push({ index, reason: "InvalidCACertificateRef", message });
    }
  }
  return { authorities, problems };
}

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
