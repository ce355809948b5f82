import { attachPolicies } from "../../plan/policies/attach.ts";
import type { Rule } from "../rule.ts";

const words = {
  TargetNotFound: { code: "dangling-reference", remedy: "Correct the name; policies attach in their own namespace." },
  Conflicted: {
    code: "policy-conflict",
    remedy: "Put it into one policy, or attach one of them to something narrower.",
  },
  Invalid: { code: "not-supported", remedy: "Attach it to a Service." },
} as const;

/** Every target of a policy exists, and no older policy says the same of it. */
export const policies: Rule = ({ resources, inventory }) => [
  ...(["BackendTLSPolicy", "BandstandPolicy", "XBackendTrafficPolicy"] as const).flatMap((kind) =>
    attachPolicies(inventory.all(kind), inventory).conditions.flatMap(({ namespace, name, ancestors }) =>
      ancestors.flatMap(({ ancestorRef, conditions: [condition] }, index) => {
        const policy = inventory.find(kind, namespace, name);
        if (policy === undefined || condition === undefined || condition.status === "True") return [];
        const { code, remedy } = words[condition.reason as keyof typeof words];
        const field = condition.message.includes(" has no ") ? "sectionName" : "name";
        const path = ["spec", "targetRefs", index, ancestorRef.kind === "" ? "kind" : field];
        const message = `${condition.message}: the policy counts nothing there`;
        return resources.problem(policy, path, { severity: "warning", code, message, remedy });
      }),
    ),
  ),
  ...resources.all("BandstandPolicy").flatMap((policy) => {
    const { namespace } = policy.metadata;
    const name = policy.spec.errorPages?.configMap;
    if (name === undefined || inventory.find("ConfigMap", namespace, name) !== undefined) return [];
    return resources.problem(policy, ["spec", "errorPages", "configMap"], {
      severity: "warning",
      code: "dangling-reference",
      message: `ConfigMap ${namespace}/${name} does not exist: the gateway's own answers stay plain`,
      remedy: "Add the ConfigMap to the folder, or correct the name.",
    });
  }),
  ...resources.all("XBackendTrafficPolicy").flatMap((policy) =>
    policy.spec.sessionPersistence === undefined
      ? []
      : resources.problem(policy, ["spec", "sessionPersistence"], {
          severity: "warning",
          code: "not-served-yet",
          message: "sessionPersistence of an XBackendTrafficPolicy is not served",
          remedy: "Write sessionPersistence into the rules of HTTPRoutes.",
        }),
  ),
];
