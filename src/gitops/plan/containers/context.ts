import type { PodTemplate } from "../../../model/kinds/types.ts";
import type { WorkloadRef } from "../../../model/plan/index.ts";
import type { ConfigSources } from "../config/sources.ts";
import type { ProblemCode } from "../../../model/problem/problem.ts";

/** One pod to be planned, with what its fields may refer to. */
export interface PodContext extends ConfigSources {
  workload: WorkloadRef;
  template: PodTemplate;
  /** As Kubernetes would name it: `orders-0`. */
  podName: string;
  node: string;
  /** The operator allows more than the baseline in this namespace. */
  privileged: boolean;
  /** Images that are built for this workload. */
  built: ReadonlySet<string>;
  /** Claims by the name a pod's volume uses, as names of `VolumePlan`s; undefined where there is none. */
  claim(name: string): string | undefined;
  /** Reports what is planned differently from what is written. */
  warn(code: ProblemCode, message: string, remedy: string): void;
}
