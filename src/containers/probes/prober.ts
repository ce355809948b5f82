import type { ContainerPlan, ProbePlan } from "../../model/plan/index.ts";
import type { Clock } from "../reconcile/clock.ts";
import { count, untried } from "./probe.ts";
import type { ProbeResult, ProbeState } from "./probe.ts";

/** One try at a probe; never throws. */
export type TryProbe = (plan: ProbePlan) => Promise<ProbeResult>;

/** What the probes say of one run of a container. */
export interface ProbeReport {
  started: boolean;
  ready: boolean;
  /** Set when it has to be restarted. */
  unhealthy?: string;
  /** Why it is not ready, for people. */
  message?: string;
}

/** Probes one run of a container until it is stopped. */
export interface Prober {
  report(): ProbeReport;
  stop(): void;
}

/**
 * Starts the probes of a container that just started: the startup probe alone until it succeeds, then
 * readiness and liveness. `changed` is called when the report is another one.
 */
export function startProber(
  { probes }: Pick<ContainerPlan, "probes">,
  attempt: TryProbe,
  changed: () => void,
  { clock, startedAt = clock.now() }: { clock: Clock; startedAt?: number | undefined },
): Prober {
  const states = { startup: untried, readiness: untried, liveness: untried };
  const stops = new Set<() => void>();
  let stopped = false;

  const report = (): ProbeReport => reportOf(probes, states);
  const run = (kind: keyof typeof states, plan: ProbePlan, wait: number): void => {
    const cancel = clock.after(wait, () => {
      stops.delete(cancel);
      const begun = clock.now();
      void attempt(plan).then((result) => {
        if (stopped) return;
        const before = report();
        states[kind] = count(states[kind], result, plan);
        const after = report();
        const done = kind === "startup" && after.started;
        // After a failed liveness probe this run of the container is over.
        if (!done && after.unhealthy === undefined) run(kind, plan, Math.max(0, plan.period - (clock.now() - begun)));
        if (done) others();
        if (!same(before, after)) changed();
      });
    });
    stops.add(cancel);
  };
  // Delays count from the start of the container, which may be long ago where it was taken over.
  const begin = (kind: keyof typeof states): void => {
    const plan = probes[kind];
    if (plan) run(kind, plan, Math.max(0, startedAt + plan.initialDelay - clock.now()));
  };
  const others = (): void => {
    begin("readiness");
    begin("liveness");
  };

  if (probes.startup) begin("startup");
  else others();
  return {
    report,
    stop() {
      stopped = true;
      for (const stop of stops) stop();
    },
  };
}

function reportOf(
  probes: ContainerPlan["probes"],
  states: Record<keyof ContainerPlan["probes"], ProbeState>,
): ProbeReport {
  const started = !probes.startup || states.startup.verdict === "success";
  const ready = started && (!probes.readiness || states.readiness.verdict === "success");
  const unhealthy = (["startup", "liveness"] as const).find(
    (kind) => probes[kind] && states[kind].verdict === "failure",
  );
  const waiting = started ? states.readiness : states.startup;
  return {
    started,
    ready,
    ...(unhealthy ? { unhealthy: `${unhealthy} probe failed: ${states[unhealthy].message}` } : {}),
    ...(!ready && waiting.message ? { message: `${started ? "readiness" : "startup"} probe: ${waiting.message}` } : {}),
  };
}

function same(a: ProbeReport, b: ProbeReport): boolean {
  return a.started === b.started && a.ready === b.ready && a.unhealthy === b.unhealthy && a.message === b.message;
}
