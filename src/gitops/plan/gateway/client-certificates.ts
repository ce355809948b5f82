import type { Gateway, Listener } from "../../../model/kinds/types.ts";
import type { ClientCertificatesPlan } from "../../../model/plan/index.ts";
import { isGranted } from "../grants.ts";
import type { Inventory } from "../inventory.ts";
import { readAuthorities } from "../policies/authorities.ts";

/** Why CA certificates for those of clients cannot be used; the reason is the specification's. */
export interface AuthorityProblem {
  /** In the Gateway. */
  path: (string | number)[];
  reason: "InvalidCACertificateKind" | "InvalidCACertificateRef" | "RefNotPermitted";
  message: string;
}

type Validation = NonNullable<NonNullable<Listener["tls"]>["frontendValidation"]>;

/**
 * What a listener wants to see of clients: by its own `frontendValidation`, else by the Gateway's for its port, else by
 * the one for all ports. Undefined: nothing. Without any usable authority the listener is not served.
 */
export function planClientCertificates(
  gateway: Gateway,
  listener: Listener,
  inventory: Inventory,
): { plan: ClientCertificatesPlan; problems: AuthorityProblem[] } | undefined {
  const found = validationOf(gateway, listener);
  if (found === undefined) return undefined;
  const { path, validation } = found;
  const home = gateway.metadata.namespace;
  const authorities: string[] = [];
  const problems: AuthorityProblem[] = [];
  for (const [index, ref] of validation.caCertificateRefs.entries()) {
    const { group, kind, name, namespace = home } = ref;
    const add = (reason: AuthorityProblem["reason"], message: string): void => {
      problems.push({ path: [...path, "caCertificateRefs", index, "name"], reason, message });
    };
    if (group !== "" || kind !== "ConfigMap") {
      add(
        "InvalidCACertificateKind",
        `${kind}${group && `.${group}`} ${name} holds no CA certificates: expected a ConfigMap`,
      );
      continue;
    }
    const from = { group: "gateway.networking.k8s.io", kind: "Gateway", namespace: home };
    if (!isGranted({ from, to: { group, kind, namespace, name } }, inventory)) {
      add(
        "RefNotPermitted",
        `no ReferenceGrant in namespace ${namespace} lets Gateways of ${home} use ConfigMap ${name}`,
      );
      continue;
    }
    const pem = readAuthorities(inventory, namespace, name);
    if (pem === undefined) {
      add("InvalidCACertificateRef", `ConfigMap ${namespace}/${name} has no CA certificates in PEM as ca.crt`);
    } else authorities.push(pem);
  }
  return { plan: { authorities, required: validation.mode !== "AllowInsecureFallback" }, problems };
}

function validationOf(
  { spec }: Gateway,
  listener: Listener,
): { path: (string | number)[]; validation: Validation } | undefined {
  const own = listener.tls?.frontendValidation;
  if (own !== undefined) {
    const index = spec.listeners.indexOf(listener);
    return { path: ["spec", "listeners", index, "tls", "frontendValidation"], validation: own };
  }
  const { perPort = [], default: general } = spec.tls?.frontend ?? {};
  const index = perPort.findIndex(({ port }) => port === listener.port);
  const ofPort = perPort[index]?.tls;
  if (ofPort !== undefined) {
    const { validation } = ofPort;
    return validation && { path: ["spec", "tls", "frontend", "perPort", index, "tls", "validation"], validation };
  }
  const validation = general?.validation;
  return validation && { path: ["spec", "tls", "frontend", "default", "validation"], validation };
}
