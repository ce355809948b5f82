import { engineSuite } from "../engine.suite.ts";
import { createFakeEngine, FakeMachine } from "../index.ts";
import { loggerTo } from "../../foundation/log/index.ts";

const logger = loggerTo(() => {});

engineSuite("fake", async () => {
  const machine = new FakeMachine();
  const podNamed = (name: string) => [...machine.pods.values()].find((pod) => pod.name === name);
  const named = (pod: string, container: string) => podNamed(pod)?.containers.find(({ name }) => name === container);
  return {
    site: "suite",
    engine: () => createFakeEngine({ logger, machine, drain: 20 }),
    containerId: async (pod, container) => named(pod, container)?.id,
    exec: async (pod, container, command) => void machine.exec(named(pod, container)!.id, command),
    kill: async (pod, container) => machine.end(named(pod, container)!, 137),
    async removeContainer(pod, container) {
      const found = podNamed(pod)!;
      found.containers = found.containers.filter(({ name }) => name !== container);
      machine.tell();
    },
    async killPod(pod) {
      const found = podNamed(pod)!;
      found.running = false;
      for (const container of found.containers) machine.end(container, 137);
      machine.tell();
    },
    leftovers: async () => [
      ...[...machine.pods.values()].map(({ name }) => `pod ${name}`),
      ...(machine.network ? ["network"] : []),
      ...[...machine.volumes].map((name) => `volume ${name}`),
    ],
  };
});
