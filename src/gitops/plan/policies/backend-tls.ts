import type { BackendTLSPolicy, Service } from "../../../model/kinds/types.ts";
import type { BackendTlsPlan, Condition, PolicyConditions } from "../../../model/plan/index.ts";
import { idOf, type Inventory } from "../inventory.ts";
import { attachPolicies } from "./attach.ts";
import { readAuthorities } from "./authorities.ts";

/** Why the certificates that a policy names cannot be used. */
export interface AuthorityProblem {
  /** In `caCertificateRefs`. */
  index: number;
  reason: "InvalidCACertificateRef" | "InvalidKind";
  message: string;
}

/** TLS to backends, by BackendTLSPolicies. */
export interface BackendTlsBook {
  /** What is said of the port itself wins over what is said of all. A `reason`: nothing may be sent there. */
  of(service: Service, port: string | undefined): BackendTlsPlan | { reason: string } | undefined;
  conditions: PolicyConditions[];
}

export function newBackendTlsBook(inventory: Inventory): BackendTlsBook {
  const attached = attachPolicies(inventory.all("BackendTLSPolicy"), inventory);
  return {
    of(service, port) {
      const target = `Service/${idOf(service)}`;
      const [found] = [...(port === undefined ? [] : attached.at(`${target}/${port}`)), ...attached.at(target)];
      return found && planOf(found.policy, inventory);
    },
    conditions: attached.conditions.map((each) => {
      const policy = inventory.find("BackendTLSPolicy", each.namespace, each.name);
      const problems = policy === undefined ? [] : authoritiesOf(policy, inventory).problems;
      const ancestors = each.ancestors.map(({ ancestorRef, conditions }) => {
        return { ancestorRef, conditions: conditions.flatMap((condition) => judged(condition, problems)) };
      });
      return { ...each, ancestors };
    }),
  };
}

function planOf(policy: BackendTLSPolicy, inventory: Inventory): BackendTlsPlan | { reason: string } {
  const { hostname, subjectAltNames = [], wellKnownCACertificates } = policy.spec.validation;
  const { authorities, problems } = authoritiesOf(policy, inventory);
  if (wellKnownCACertificates === undefined && authorities.length === 0) {
    return { reason: `BackendTLSPolicy ${idOf(policy)}: ${problems[0]?.message ?? "no certificate to check by"}` };
  }
  const names = subjectAltNames.map(({ type, hostname: name = "", uri = "" }) =>
    type === "URI" ? ({ type, value: uri } as const) : ({ type, value: name } as const),
  );
  return { hostname, authorities: wellKnownCACertificates ?? authorities, names };
}

/** The CA certificates that a policy names, and why others cannot be used. */
export function authoritiesOf(
  { metadata: { namespace }, spec }: BackendTLSPolicy,
  inventory: Inventory,
): { authorities: string[]; problems: AuthorityProblem[] } {
  const authorities: string[] = [];
  const problems: AuthorityProblem[] = [];
  for (const [index, { group, kind, name }] of (spec.validation.caCertificateRefs ?? []).entries()) {
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

/** A policy without any certificate to check by is not accepted: requests are refused, never sent unchecked. */
function judged(condition: Condition, problems: AuthorityProblem[]): Condition[] {
  const [first] = problems;
  if (condition.status === "False") return [condition];
  if (first === undefined) {
    const message = "every reference is resolved";
    return [condition, { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message }];
  }
  const { reason, message } = first;
  return [
    { type: "Accepted", status: "False", reason: "NoValidCACertificate", message },
    { type: "ResolvedRefs", status: "False", reason, message },
  ];
}
