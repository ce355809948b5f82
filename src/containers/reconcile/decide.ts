import type { ContainerPlan, PodPlan } from "../../model/plan/index.ts";
import type { ObservedPod, PortRedirect } from "./driver.ts";
import type { Slot } from "./spec.ts";
import { isPastDeadline, outcomeOf, stepsIn } from "./steps.ts";
import type { NotBefore } from "./steps.ts";
import { turnOf } from "./turn.ts";

/** A planned pod, with what was tried so far. */
export interface SlotView extends Slot {
  /** Something is being done for it. */
  busy: boolean;
  /** Its images are there. */
  prepared: boolean;
  /** Time before which nothing is tried again. */
  notBefore: number;
  /** Tries at a Job so far. */
  attempt: number;
}

/** A pod that exists, with what is known of it. */
export interface PodView {
  pod: ObservedPod;
  /** What it was made of; undefined where nobody knows any more. */
  plan: PodPlan | undefined;
  ready: boolean;
  /** Something is being done with it. */
  busy: boolean;
  /** It is being removed. */
  leaving: boolean;
  /** Time before which its ports are not led anew. */
  redirectNotBefore: number;
  notBefore: NotBefore;
}

export type Action =
  | { do: "prepare"; slot: SlotView }
  | { do: "create"; slot: SlotView; name: string }
  | { do: "redirect"; view: PodView; redirects: readonly PortRedirect[] }
  | { do: "start"; view: PodView; container: ContainerPlan }
  | { do: "stop"; view: PodView }
  | { do: "remove"; view: PodView; why: RemovalReason };

export type RemovalReason = "changed" | "unwanted" | "duplicate" | "broken" | "retry";

export interface Decision {
  actions: Action[];
  /** When to decide again, if nothing happens before. */
  wake?: number;
}

/**
 * What to do now so that what exists becomes what is wanted. Pure: same input, same answer; doing all of it and asking
 * again comes to an end. Things that are busy are left alone until they are not.
 */
export function decide(slots: readonly SlotView[], pods: readonly PodView[], now: number): Decision {
  const wanted = new Set(slots.map(({ plan }) => plan.name));
  const actions: Action[] = pods.flatMap((view) =>
    wanted.has(view.pod.slot) || view.leaving ? [] : [{ do: "remove", view, why: "unwanted" } as const],
  );
  const wakes: number[] = [];
  for (const slot of slots) {
    const own = pods.filter(({ pod }) => pod.slot === slot.plan.name);
    for (const { plan, pod, ...view } of own) {
      if (view.leaving || view.busy || plan === undefined) continue;
      const inside = redirecting(slot, { plan, pod, ...view }, now) ?? inPod({ plan, pod, ...view }, plan, now);
      actions.push(...inside.actions);
      if (inside.wake !== undefined) wakes.push(inside.wake);
    }
    if (slot.plan.blocked !== undefined || slot.busy) continue;
    const next = ofSlot(slot, own, () => turnOf(slot, slots, pods), now);
    if (next === undefined) continue;
    if (slot.notBefore > now && (next.do === "prepare" || next.do === "create")) wakes.push(slot.notBefore);
    else actions.push(next);
  }
  return { actions, ...(wakes.length > 0 ? { wake: Math.min(...wakes) } : {}) };
}

/** Whether two of a pod must not run at once: they would share a claim or a port of the host, or an identity. */
export function isExclusive({ workload, volumes, containers }: PodPlan): boolean {
  return (
    workload.kind !== "Deployment" ||
    volumes.some(({ type }) => type === "claim") ||
    containers.some(({ ports }) => ports.some(({ hostPort }) => hostPort !== undefined))
  );
}

/** Ports are led before the first container starts; those of a pod that runs change while it runs. */
function redirecting(slot: Slot, view: PodView, now: number): Decision | undefined {
  const { pod, redirectNotBefore } = view;
  if (pod.hash !== slot.hash || !pod.running) return undefined;
  if (sameRedirects(pod.redirects ?? [], slot.redirects)) return undefined;
  if (redirectNotBefore <= now) return { actions: [{ do: "redirect", view, redirects: slot.redirects }] };
  return pod.containers.length === 0 ? { actions: [], wake: redirectNotBefore } : undefined;
}

function sameRedirects(a: readonly PortRedirect[], b: readonly PortRedirect[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function inPod(view: PodView, plan: PodPlan, now: number): Decision {
  const outcome = outcomeOf(plan, view.pod, now);
  if (outcome === "failed" && isPastDeadline(plan, view.pod, now)) {
    const runs = view.pod.containers.some(({ state }) => state === "running");
    return { actions: runs ? [{ do: "stop", view }] : [] };
  }
  if (outcome !== "running") return { actions: [] };
  const { start, wake } = stepsIn(plan, view.pod, view.notBefore, now);
  const deadline = plan.job?.activeDeadline === undefined ? [] : [view.pod.created + plan.job.activeDeadline];
  const wakes = [...(wake === undefined ? [] : [wake]), ...deadline];
  const actions = start.map((container) => ({ do: "start", view, container }) as const);
  return { actions, ...(wakes.length > 0 ? { wake: Math.min(...wakes) } : {}) };
}

function ofSlot(slot: SlotView, own: readonly PodView[], turn: () => boolean, now: number): Action | undefined {
  const staying = own.filter(({ leaving }) => !leaving);
  const current = staying.filter(({ pod }) => pod.hash === slot.hash);
  const stale = staying.filter(({ pod }) => pod.hash !== slot.hash);
  const [first] = current.toSorted((a, b) => Number(b.ready) - Number(a.ready) || a.pod.created - b.pod.created);
  if (first !== undefined) return ofCurrent(slot, first, current, stale, now);
  if (!turn()) return undefined;
  // Nothing that runs is given up before it is known that what follows can start.
  if (!slot.prepared) return { do: "prepare", slot };
  if (isExclusive(slot.plan)) {
    const [old] = stale;
    if (old !== undefined) return old.busy ? undefined : { do: "remove", view: old, why: "changed" };
    if (own.length > 0) return undefined;
  }
  return { do: "create", slot, name: freeName(slot, own) };
}

function ofCurrent(
  slot: SlotView,
  first: PodView,
  current: readonly PodView[],
  stale: readonly PodView[],
  now: number,
): Action | undefined {
  if (first.busy) return undefined;
  const outcome = outcomeOf(slot.plan, first.pod, now);
  const over = outcome === "succeeded" || outcome === "failed";
  if (outcome === "retry") return { do: "remove", view: first, why: "retry" };
  // A sandbox dies with the machine, or by somebody's hand: there is nothing to keep.
  if (!first.pod.running && !over) return { do: "remove", view: first, why: "broken" };
  const double = current.find((view) => view !== first && !view.busy);
  if (double !== undefined) return { do: "remove", view: double, why: "duplicate" };
  const replaced = stale.find((view) => !view.busy && (first.ready || !view.ready || over));
  return replaced && { do: "remove", view: replaced, why: "changed" };
}

/** The planned name, or one marked with the hash while another pod still has it. */
function freeName(slot: SlotView, own: readonly PodView[]): string {
  const { name } = slot.plan;
  return own.some(({ pod }) => pod.name === name) ? `${name}-${slot.hash.slice(0, 6)}` : name;
}
