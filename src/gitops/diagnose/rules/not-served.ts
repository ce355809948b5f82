import type { Rule } from "../rule.ts";

/** Kinds and fields that are understood, but that nothing acts on yet. */
export const notServed: Rule = ({ resources }) => [
  ...(["Model", "Workload", "TrustPolicy"] as const).flatMap((kind) =>
    resources.all(kind).map((resource) =>
      resources.problem(resource, ["kind"], {
        severity: "warning",
        code: "not-served-yet",
        message: `kind: ${kind} is not served yet`,
        remedy: "It is checked and kept; nothing acts on it in this version.",
      }),
    ),
  ),
  // A Site names its folder already; what it says about other machines waits for the hub.
  ...resources.all("Site").flatMap((site) =>
    Object.keys(site.spec ?? {}).map((field) =>
      resources.problem(site, ["spec", field], {
        severity: "warning",
        code: "not-served-yet",
        message: `spec.${field}: of a Site only the name is served yet`,
        remedy: "It is checked and kept; nothing acts on it in this version.",
      }),
    ),
  ),
];
