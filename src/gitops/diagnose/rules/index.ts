import type { Rule } from "../rule.ts";
import { attachment } from "./attachment.ts";
import { backendTls } from "./backend-tls.ts";
import { backends, streamBackends } from "./backends.ts";
import { builds } from "./builds.ts";
import { components } from "./components.ts";
import { endpointSlices } from "./endpoint-slices.ts";
import { externalNames } from "./external-names.ts";
import { filters } from "./filters.ts";
import { listeners } from "./listeners.ts";
import { notServed } from "./not-served.ts";
import { paths } from "./paths.ts";
import { podReferences } from "./pod-references.ts";
import { podSecurity } from "./pod-security.ts";
import { policies } from "./policies.ts";
import { regularExpressions } from "./regular-expressions.ts";
import { serviceSelectors } from "./service-selectors.ts";
import { singleSite } from "./single-site.ts";

/** Every rule. Their order does not matter: problems are sorted by place. */
export const rules: readonly Rule[] = [
  attachment,
  backendTls,
  backends,
  builds,
  components,
  endpointSlices,
  externalNames,
  filters,
  listeners,
  notServed,
  paths,
  podReferences,
  podSecurity,
  policies,
  regularExpressions,
  serviceSelectors,
  singleSite,
  streamBackends,
];
