import type { ContainersPlan } from "../../model/plan/index.ts";

/**
 * What runs while the gateway still serves `before`: everything of `after`, and what only `before` has. So
 * nothing that serves is taken away until nothing is sent there any more. A pod that is in both, changed,
 * is replaced at once: two of the same name cannot be.
 */
export function transition(before: ContainersPlan, after: ContainersPlan): ContainersPlan {
  return {
    site: after.site,
    pods: joined(before.pods, after.pods, ({ name }) => name),
    volumes: joined(before.volumes, after.volumes, ({ name }) => name),
    services: joined(before.services, after.services, ({ namespace, name }) => `${namespace}/${name}`),
    builds: joined(before.builds, after.builds, ({ image }) => image),
  };
}

/** Whether a plan asks an engine for anything. */
export function needsEngine(plan: ContainersPlan): boolean {
  return plan.pods.length > 0;
}

function joined<T>(before: readonly T[], after: readonly T[], key: (item: T) => string): T[] {
  const kept = new Set(after.map(key));
  return [...after, ...before.filter((item) => !kept.has(key(item)))];
}
