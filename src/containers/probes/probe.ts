import type { ProbePlan } from "../../model/plan/index.ts";

/** What one try at a probe gave. */
export interface ProbeResult {
  ok: boolean;
  /** Why not, for people. */
  message: string;
}

/** A probe's opinion, by the thresholds of Kubernetes. */
export interface ProbeState {
  /** undefined until a threshold was reached. */
  verdict: "success" | "failure" | undefined;
  successes: number;
  failures: number;
  message: string;
}

export const untried: ProbeState = { verdict: undefined, successes: 0, failures: 0, message: "" };

/** Counts one more result; the verdict changes only when so many in a row agree. Pure. */
export function count(before: ProbeState, { ok, message }: ProbeResult, plan: ProbePlan): ProbeState {
  const successes = ok ? before.successes + 1 : 0;
  const failures = ok ? 0 : before.failures + 1;
  const reached = ok ? successes >= plan.successThreshold : failures >= plan.failureThreshold;
  const verdict = reached ? (ok ? "success" : "failure") : before.verdict;
  return { verdict, successes, failures, message: ok ? "" : message };
}
