import { engineOver } from "./reconcile/engine.ts";
import type { Engine } from "./engine.ts";
import { podmanDriver } from "./podman/driver.ts";
import type { PodmanOptions } from "./podman/options.ts";

export type { ContainerLogLine, ContainerState, Engine, EngineState, WorkloadState } from "./engine.ts";
export type { PodmanOptions } from "./podman/options.ts";

/** Containers on Podman: finds one that listens, or starts a service of its own. */
export function createPodmanEngine(options: PodmanOptions): Engine {
  return engineOver(podmanDriver(options), { logger: options.logger });
}
