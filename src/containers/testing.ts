import { createHash } from "node:crypto";
import type { ContainerPlan, ContainersPlan, PodPlan, PodServicePlan } from "../model/plan/index.ts";
import type { Engine, EngineState } from "./engine.ts";

/** Plans for tests, short to write. */

export function containerPlan(given: Partial<ContainerPlan> = {}): ContainerPlan {
  return {
    name: "main",
    image: "localhost/test/busybox:1",
    pullPolicy: "Never",
    command: ["sh", "-c", "trap exit TERM; mkdir -p /tmp; echo starting; while :; do sleep 0.1; done"],
    env: {},
    mounts: [],
    ports: [],
    resources: {},
    probes: {},
    lifecycle: {},
    ...given,
    security: {
      supplementalGroups: [],
      readOnlyRootFilesystem: false,
      addCapabilities: [],
      dropCapabilities: [],
      privileged: false,
      ...given.security,
    },
  };
}

/** A pod of `workload`; its hash is over all of it. */
export function podPlan(name: string, given: Partial<PodPlan> & { kind?: PodPlan["workload"]["kind"] } = {}): PodPlan {
  const { kind = "Deployment", ...rest } = given;
  const plan: Omit<PodPlan, "hash"> = {
    name,
    workload: { kind, namespace: "default", name },
    hostname: name,
    aliases: [],
    labels: { app: name },
    restartPolicy: "Always",
    terminationGrace: 1000,
    initContainers: [],
    containers: [containerPlan()],
    volumes: [],
    hostAliases: [],
    ...rest,
  };
  return { hash: createHash("sha256").update(JSON.stringify(plan)).digest("hex"), ...plan };
}

export function servicePlan(name: string, port: number, targetPort: number | string = port): PodServicePlan {
  const ports: PodServicePlan["ports"] = [{ id: `default/${name}:${port}`, port, targetPort, protocol: "TCP" }];
  return { namespace: "default", name, selector: { app: name }, publishNotReady: false, ports };
}

export function containersPlan(site: string, given: Partial<ContainersPlan> = {}): ContainersPlan {
  return { site, pods: [], volumes: [], services: [], builds: [], ...given };
}

/** Waits until an engine's state is as wanted. Throws with the last state otherwise. */
export async function until(
  engine: Engine,
  wanted: (state: EngineState) => unknown,
  milliseconds = 120_000,
): Promise<EngineState> {
  let stop = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<EngineState>((resolve, reject) => {
      const look = (): void => {
        const state = engine.observe();
        if (wanted(state)) resolve(state);
      };
      stop = engine.subscribe(look);
      timer = setTimeout(() => {
        reject(new Error(`not reached in ${milliseconds} ms: ${JSON.stringify(engine.observe(), undefined, 1)}`));
      }, milliseconds);
      look();
    });
  } finally {
    stop();
    clearTimeout(timer);
  }
}
