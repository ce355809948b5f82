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
export function authoritiesOf({ metadata: { namespace }, spec }: BackendTLSPolicy, inventory: Inventory) {
  return authoritiesNamed(spec.validation.caCertificateRefs ?? [], namespace, inventory);
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
