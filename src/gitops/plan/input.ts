import type { ImageBuildPlan, SecretValues, SitePlan } from "../../model/plan/index.ts";
import type { Problem } from "../../model/problem/problem.ts";

/** A component as it can be served. */
export interface ResolvedComponent {
  digest: string;
  /** It wants its instances to be reused, and they answer one request only. */
  answersOnce?: boolean;
  /** Why its instances cannot be reset, so that every request gets a new one. */
  anew?: string;
}

/** What `resolve` found for references that need the file system, a compiler or a registry. */
export interface Resolved {
  /** By `namespace/name` of the WasmComponent. One that is missing here is not served. */
  components: ReadonlyMap<string, ResolvedComponent | { reason: string }>;
  /** By `Kind/namespace/name` of the workload with the build annotation. */
  builds: ReadonlyMap<string, ImageBuildPlan | { reason: string }>;
}

export interface PlanOptions {
  /** Name of the site: a DNS label. */
  site: string;
  /** Namespaces whose pods may leave the baseline of the Pod Security Standards. Only the operator says so. */
  allowPrivileged?: readonly string[];
  /** IP addresses that nothing can listen on here: what Gateways want there stays closed. */
  absentAddresses?: ReadonlySet<string>;
  /** What `spec.nodeName` shows to pods. */
  node?: string;
}

export interface Planned {
  plan: SitePlan;
  secrets: SecretValues;
  /** What could not be planned as written; positions are added by the caller. */
  problems: Problem[];
}
