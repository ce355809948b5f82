import type { BackendTLSPolicy, Service } from "../../../model/kinds/types.ts";
import type { BackendTlsPlan, Condition, PolicyConditions } from "../../../model/plan/index.ts";
import { idOf, type Inventory } from "../inventory.ts";
import { attachPolicies } from "./attach.ts";
import { authoritiesNamed, type AuthorityProblem } from "./authorities.ts";

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
      if (policy === undefined) return each;
      const ancestors = each.ancestors.map(({ ancestorRef, conditions }) => {
        return { ancestorRef, conditions: conditions.flatMap((condition) => judged(condition, policy, inventory)) };
      });
      return { ...each, ancestors };
    }),
  };
}

function planOf(policy: BackendTLSPolicy, inventory: Inventory): BackendTlsPlan | { reason: string } {
  const { hostname, subjectAltNames = [] } = policy.spec.validation;
  const { authorities, problems } = authoritiesOf(policy, inventory);
  if (authorities.length === 0) {
    const reason = unknownAuthorities(policy) ?? problems[0]?.message ?? "no certificate to check by";
    return { reason: `BackendTLSPolicy ${idOf(policy)}: ${reason}` };
  }
  const names = subjectAltNames.map(({ type, hostname: name = "", uri = "" }) =>
    type === "URI" ? ({ type, value: uri } as const) : ({ type, value: name } as const),
  );
  return { hostname, authorities, names };
}

/** The CA certificates that a policy names, and why others cannot be used. */
export function authoritiesOf(
  { metadata: { namespace }, spec }: BackendTLSPolicy,
  inventory: Inventory,
): { authorities: BackendTlsPlan["authorities"]; problems: AuthorityProblem[] } {
  const { caCertificateRefs = [], wellKnownCACertificates } = spec.validation;
  if (wellKnownCACertificates === "System") return { authorities: "System", problems: [] };
  return authoritiesNamed(caCertificateRefs, namespace, inventory);
}

/** Why what a policy names as well known is not known here. */
export function unknownAuthorities({ spec: { validation } }: BackendTLSPolicy): string | undefined {
  const { wellKnownCACertificates: name = "" } = validation;
  if (name === "" || name === "System") return undefined;
  return `${JSON.stringify(name)} are no CA certificates that are known here: expected System`;
}

/**
 * A policy without any certificate to check by is not accepted: requests are refused, never sent unchecked. One that has some is, and says
 * which it has not.
 */
function judged(condition: Condition, policy: BackendTLSPolicy, inventory: Inventory): Condition[] {
  if (condition.status === "False") return [condition];
  const unknown = unknownAuthorities(policy);
  if (unknown !== undefined) return [{ type: "Accepted", status: "False", reason: "Invalid", message: unknown }];
  const { authorities, problems } = authoritiesOf(policy, inventory);
  const [first] = problems;
  if (first === undefined) {
    const message = "every reference is resolved";
    return [condition, { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message }];
  }
  const { reason, message } = first;
  return [
    authorities.length > 0 ? condition : { type: "Accepted", status: "False", reason: "NoValidCACertificate", message },
    { type: "ResolvedRefs", status: "False", reason, message },
  ];
}
