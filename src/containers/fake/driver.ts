import { BandstandError } from "../../foundation/errors/index.ts";
import type { PodDriver } from "../reconcile/driver.ts";
import type { FakeMachine, FakePod } from "./machine.ts";

/** Pods in memory, for tests of everything above an engine. */
export function fakeDriver(machine: FakeMachine): PodDriver {
  let stop = (): void => {};
  const podOf = (id: string): FakePod => {
    const pod = machine.pods.get(id);
    if (pod === undefined) throw new BandstandError("engine-failed", `no pod ${id}`);
    return pod;
  };
  return {
    name: "fake",
    publishes: false,
    async open() {},
    async close() {
      stop();
    },
    watch(changed) {
      stop = machine.watch(changed);
    },
    async list() {
      return [...machine.pods.values()].map((pod) => ({
        ...pod,
        containers: pod.containers.map(({ lines: _lines, files: _files, env: _env, ...container }) => container),
      }));
    },
    async prepare({ volumes }) {
      machine.network = true;
      for (const { name } of volumes) machine.volumes.add(name);
    },
    async build({ image }) {
      machine.builds.push(image);
      machine.images.add(image);
    },
    async image({ image }) {
      if (!machine.images.has(image))
        throw new BandstandError("image-missing", `image ${image} is not on this machine`);
    },
    async createPod(spec) {
      if ([...machine.pods.values()].some(({ name }) => name === spec.name)) {
        throw new BandstandError("engine-failed", `a pod ${spec.name} exists`);
      }
      machine.create(spec);
    },
    async redirect({ id }, redirects) {
      podOf(id).redirects = redirects;
    },
    async startContainer({ id }, start, secrets) {
      machine.start(podOf(id), start, secrets);
    },
    async stopContainer(containerId) {
      const container = machine.container(containerId);
      if (container) machine.end(container, 143);
    },
    async removePod({ id }) {
      machine.remove(id);
    },
    exec: async (containerId, command) => machine.exec(containerId, command),
    tail: async (containerId, lines) => (machine.container(containerId)?.lines ?? []).slice(-lines),
    async *logs(containerId, { tail = 100 }) {
      for (const text of (machine.container(containerId)?.lines ?? []).slice(-tail)) yield { stream: "stdout", text };
    },
    async removeRest({ volumes }) {
      machine.network = false;
      if (volumes) machine.volumes.clear();
    },
  };
}
