import type { PodView, SlotView } from "./decide.ts";

/**
 * Whether it is a slot's turn to get a new pod. New ones all start at once, but those of a StatefulSet, each of which
 * waits for the one before it. Of pods that change, one of a workload at a time does, and only while the others are
 * ready: so a change that does not come up stops after the first.
 */
export function turnOf(slot: SlotView, slots: readonly SlotView[], pods: readonly PodView[]): boolean {
  const group = slots.filter(({ plan }) => sameWorkload(plan.workload, slot.plan.workload));
  const states = group.map((member) => ({ member, state: stateOf(member, pods) }));
  const own = states.findIndex(({ member }) => member === slot);
  if (slot.plan.workload.kind === "StatefulSet") {
    const before = states.slice(0, own);
    if (states[own]?.state === "new") return before.every(({ state }) => state !== "new" && state !== "starting");
  } else if (states[own]?.state === "new") return true;
  // What was removed to make room counts as new until its successor is there.
  if (states.some(({ state }) => state === "starting" || state === "switching" || state === "new")) return false;
  const changing = states.filter(({ state }) => state === "changed");
  // Kubernetes changes a StatefulSet from its last pod to its first.
  const next = slot.plan.workload.kind === "StatefulSet" ? changing.at(-1) : changing[0];
  return next?.member === slot;
}

/** new: nothing is there. changed: only older pods. switching: older and new. starting, settled: only the new one. */
type SlotState = "new" | "changed" | "switching" | "starting" | "settled";

function stateOf(slot: SlotView, pods: readonly PodView[]): SlotState {
  const own = pods.filter(({ pod, leaving }) => pod.slot === slot.plan.name && !leaving);
  const current = own.filter(({ pod }) => pod.hash === slot.hash);
  if (current.length === 0) return own.length > 0 ? "changed" : "new";
  if (own.length > current.length) return "switching";
  return current.some(({ ready }) => ready) ? "settled" : "starting";
}

function sameWorkload(a: SlotView["plan"]["workload"], b: SlotView["plan"]["workload"]): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
