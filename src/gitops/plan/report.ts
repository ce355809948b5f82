import type { Problem, ProblemCode, Severity } from "../../model/problem/problem.ts";

/** Collects what planning cannot do as written, each problem once. */
export interface Report {
  add(resource: string, severity: Severity, code: ProblemCode, message: string, remedy: string): void;
  problems(): Problem[];
}

export function newReport(): Report {
  const found = new Map<string, Problem>();
  return {
    add(resource, severity, code, message, remedy) {
      found.set(`${resource} ${code} ${message}`, { severity, code, message, remedy, resource });
    },
    problems: () => [...found.values()],
  };
}

/** `Kind/namespace/name`, as problems name their resource. */
export function nameOf(resource: { kind: string; metadata: { name: string; namespace?: string } }): string {
  const { name, namespace } = resource.metadata;
  return namespace === undefined ? `${resource.kind}/${name}` : `${resource.kind}/${namespace}/${name}`;
}
