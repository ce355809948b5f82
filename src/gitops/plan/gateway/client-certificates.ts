import type { Gateway, Listener } from "../../../model/kinds/types.ts";
import type { ClientCertificatesPlan } from "../../../model/plan/index.ts";
import { isGranted } from "../grants.ts";
import type { Inventory } from "../inventory.ts";
import { readAuthorities } from "../policies/authorities.ts";
import type { ListenerOwner } from "./listener.ts";

/** Why CA certificates for those of clients cannot be used; the reason is the specification's. */
export interface AuthorityProblem {
  /** In the owner of the listener. */
  path: (string | number)[];
  /** Of what ReferenceGrants have to name. */
  from: ListenerOwner["kind"];
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
  owner: ListenerOwner,
  listener: Listener,
  inventory: Inventory,
): { plan: ClientCertificatesPlan; problems: AuthorityProblem[] } | undefined {
  const found = validationOf(gateway, owner, listener);
  if (found === undefined) return undefined;
  const { path, validation, from: speaker } = found;
  const home = speaker.metadata.namespace;
  const authorities: string[] = [];
  const problems: AuthorityProblem[] = [];
  for (const [index, ref] of validation.caCertificateRefs.entries()) {
    const { group, kind, name, namespace = home } = ref;
    const add = (reason: AuthorityProblem["reason"], message: string): void => {
      problems.push({
        from: speaker.kind,
        path: speaker === owner ? [...path, "caCertificateRefs", index, "name"] : path,
        reason,
        message,
      });
    };
    if (group !== "" || kind !== "ConfigMap") {
      add(
        "InvalidCACertificateKind",
        `${kind}${group && `.${group}`} ${name} holds no CA certificates: expected a ConfigMap`,
      );
      continue;
    }
    const from = { group: "gateway.networking.k8s.io", kind: speaker.kind, namespace: home };
    if (!isGranted({ from, to: { group, kind, namespace, name } }, inventory)) {
      add(
        "RefNotPermitted",
        `no ReferenceGrant in namespace ${namespace} lets ${speaker.kind}s of ${home} use ConfigMap ${name}`,
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
  gateway: Gateway,
  owner: ListenerOwner,
  listener: Listener,
): { path: (string | number)[]; validation: Validation; from: ListenerOwner } | undefined {
  const place = ["spec", "listeners", owner.spec.listeners.indexOf(listener)];
  const own = listener.tls?.frontendValidation;
  if (own !== undefined) return { path: [...place, "tls", "frontendValidation"], validation: own, from: owner };
  const { perPort = [], default: general } = gateway.spec.tls?.frontend ?? {};
  const index = perPort.findIndex(({ port }) => port === listener.port);
  const ofPort = perPort[index]?.tls;
  const validation = ofPort === undefined ? general?.validation : ofPort.validation;
  if (validation === undefined) return undefined;
  const within = ofPort === undefined ? ["default"] : ["perPort", index, "tls"];
  // A ListenerSet's listener is where it can be seen of a ListenerSet.
  const path = owner === gateway ? ["spec", "tls", "frontend", ...within, "validation"] : [...place, "port"];
  return { path, validation, from: gateway };
}
