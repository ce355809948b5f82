import { engineOver } from "./reconcile/engine.ts";
import type { Engine } from "./engine.ts";
import { fakeDriver } from "./fake/driver.ts";
import { FakeMachine } from "./fake/machine.ts";
import type { EngineOptions } from "./reconcile/engine.ts";
import { podmanDriver } from "./podman/driver.ts";
import type { PodmanOptions } from "./podman/options.ts";

export type { ContainerLogLine, ContainerState, Engine, EngineState, WorkloadState } from "./engine.ts";
export type { PodmanOptions } from "./podman/options.ts";
export { diagnosePodman } from "./podman/diagnose/diagnose.ts";
export type { PodmanFinding } from "./podman/diagnose/finding.ts";
export { thisMachine } from "./podman/diagnose/machine.ts";

/** Containers on Podman: finds one that listens, or starts a service of its own. */
export function createPodmanEngine(options: PodmanOptions): Engine {
  const { logger, allowPrivileged = [] } = options;
  return engineOver(podmanDriver(options), { logger, allowPrivileged });
}

/** Containers that exist in memory only; several engines may share a machine, as after a restart. */
export function createFakeEngine(options: EngineOptions & { machine?: FakeMachine }): Engine {
  const { machine = new FakeMachine(), ...rest } = options;
  return engineOver(fakeDriver(machine), rest);
}

export { FakeMachine } from "./fake/machine.ts";
