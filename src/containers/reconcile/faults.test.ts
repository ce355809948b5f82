import { afterEach, describe, expect, test } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import type { ContainersPlan, PodPlan } from "../../model/plan/index.ts";
import type { Engine } from "../engine.ts";
import { fakeDriver } from "../fake/driver.ts";
import { FakeMachine } from "../fake/machine.ts";
import { containerPlan, containersPlan, podPlan, servicePlan, until } from "../testing.ts";
import type { PodDriver } from "./driver.ts";
import { engineOver } from "./engine.ts";

const logger = loggerTo(() => {});
const none = new Map<string, Uint8Array>();

/** Calls that change something on the machine, in the order in which they come. */
const changing = new Set<string>([
  "prepare",
  "build",
  "image",
  "createPod",
  "redirect",
  "startContainer",
  "stopContainer",
  "removePod",
]);

type Moment = "before" | "after";

/**
 * A driver whose process dies at its nth changing call: before it had an effect, or after it had one but before anybody
 * heard of it. From then on nothing gets through any more, as with a killed process.
 */
function dying(
  driver: PodDriver,
  nth: number,
  moment: Moment,
): { driver: PodDriver; calls: string[]; died: Promise<void> } {
  const calls: string[] = [];
  let dead = false;
  let tell = (): void => {};
  const died = new Promise<void>((resolve) => (tell = resolve));
  const never = new Promise<never>(() => {});
  const wrap =
    (name: string, call: (...args: unknown[]) => Promise<unknown>) =>
    (...args: unknown[]) => {
      if (dead) return never;
      if (!changing.has(name)) return call(...args);
      calls.push(name);
      if (calls.length < nth) return call(...args);
      dead = true;
      const effect = moment === "before" ? Promise.resolve() : call(...args).catch(() => {});
      void effect.then(tell);
      return never;
    };
  const proxy = new Proxy(driver, {
    get(target, key: keyof PodDriver) {
      const value = target[key] as unknown;
      if (typeof value !== "function" || key === "logs" || key === "watch" || key === "close") return value;
      return wrap(key, value.bind(target) as (...args: unknown[]) => Promise<unknown>);
    },
  });
  return { driver: proxy, calls, died };
}

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

/** An engine of a process that will be killed: nobody closes it. */
function doomed(driver: PodDriver): Engine {
  return engineOver(driver, { logger, drain: 0, resync: 50 });
}

function engineOn(driver: PodDriver): Engine {
  const engine = doomed(driver);
  engines.push(engine);
  return engine;
}

const claim = { name: "bs-s-default-data", claim: { namespace: "default", name: "data" } };

/** Everything that takes a step of its own: a build, an init container, two containers, a claim, a led port. */
function wanted(version: string): ContainersPlan {
  const env = { VERSION: { value: version } };
  const init = containerPlan({ name: "init", env: { FAKE_BEHAVIOUR: { value: "succeed" } } });
  const pods: PodPlan[] = [
    podPlan("bs-s-default-db", {
      kind: "StatefulSet",
      labels: { app: "db" },
      initContainers: [init],
      containers: [containerPlan({ env }), containerPlan({ name: "side", env })],
      volumes: [{ name: "data", type: "claim", volume: claim.name }],
    }),
    podPlan("bs-s-default-web", { labels: { app: "web" }, containers: [containerPlan({ env })] }),
  ];
  const builds = [{ image: "localhost/test/built:1", context: "/nowhere", hash: "1" }];
  return containersPlan("s", { pods, volumes: [claim], services: [servicePlan("web", 80, 8000)], builds });
}

const settled = (engine: Engine) =>
  until(
    engine,
    ({ workloads }) => workloads.length === 2 && workloads.every(({ status }) => status === "Current"),
    8000,
  );

/** What there is, in words that do not depend on ids. */
function contents(machine: FakeMachine): unknown {
  const pods = [...machine.pods.values()].map(({ name, slot, hash, running, redirects, containers }) => ({
    name,
    slot,
    hash,
    running,
    redirects: redirects.map(({ port, target }) => `${port} → ${target}`),
    containers: containers.map((container) => `${container.name} ${container.state}`).toSorted(),
  }));
  const network = machine.network;
  return { pods: pods.toSorted((a, b) => a.slot.localeCompare(b.slot)), volumes: [...machine.volumes], network };
}

/** Names may carry a mark where the pod before was still there; else all is the same. */
function comparable(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state).replaceAll(/"name":"[^"]*",/g, ""));
}

async function reference(plans: ContainersPlan[]): Promise<{ state: unknown; calls: string[] }> {
  const machine = new FakeMachine();
  const { driver, calls } = dying(fakeDriver(machine), Number.POSITIVE_INFINITY, "before");
  const engine = engineOn(driver);
  await engine.open();
  for (const plan of plans) {
    await engine.apply(plan, none);
    await settled(engine);
  }
  return { state: comparable(contents(machine)), calls };
}

/** All at once: each has a machine of its own, and most of it is waiting. */
async function each(first: number, last: number, work: (nth: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: last - first + 1 }, (_, index) => work(first + index)));
}

describe("killed in the middle of a step, started again", () => {
  const first = wanted("1");
  const second = wanted("2");

  test.each(["before", "after"] as const)("converges when it first starts (%s the effect)", async (moment) => {
    const { state, calls } = await reference([first]);
    expect(calls.length).toBeGreaterThan(8);
    await each(1, calls.length, async (nth) => {
      const machine = new FakeMachine();
      const dead = dying(fakeDriver(machine), nth, moment);
      const engine = doomed(dead.driver);
      await engine.open();
      void engine.apply(first, none).catch(() => {});
      await dead.died;
      const next = engineOn(fakeDriver(machine));
      await next.open();
      await next.apply(first, none);
      await settled(next);
      expect(comparable(contents(machine)), `step ${nth}: ${dead.calls.at(-1)}`).toEqual(state);
    });
  });

  test.each(["before", "after"] as const)(
    "converges when it changes to another plan (%s the effect)",
    async (moment) => {
      const { state, calls } = await reference([first, second]);
      const start = (await reference([first])).calls.length;
      await each(start + 1, calls.length, async (nth) => {
        const machine = new FakeMachine();
        const dead = dying(fakeDriver(machine), nth, moment);
        const engine = doomed(dead.driver);
        await engine.open();
        await engine.apply(first, none);
        await settled(engine);
        void engine.apply(second, none).catch(() => {});
        await dead.died;
        const next = engineOn(fakeDriver(machine));
        await next.open();
        await next.apply(second, none);
        await settled(next);
        expect(comparable(contents(machine)), `step ${nth}: ${dead.calls.at(-1)}`).toEqual(state);
      });
    },
  );

  test("leaves nothing when it is removed after it was killed at any step", async () => {
    const { calls } = await reference([first]);
    await each(1, calls.length, async (nth) => {
      const machine = new FakeMachine();
      const dead = dying(fakeDriver(machine), nth, "after");
      const engine = doomed(dead.driver);
      await engine.open();
      void engine.apply(first, none).catch(() => {});
      await dead.died;
      const next = engineOn(fakeDriver(machine));
      await next.remove({ volumes: true });
      expect(contents(machine)).toEqual({ pods: [], volumes: [], network: false });
    });
  });
});

test("an engine is closed in time, even if what runs its pods stands still", async () => {
  const stuck = dying(fakeDriver(new FakeMachine()), 3, "before");
  const engine = doomed(stuck.driver);
  await engine.open();
  void engine.apply(wanted("1"), none).catch(() => {});
  await stuck.died;
  // It would never be, were it waited for.
  await engine.close();
});

describe("a call that fails", () => {
  test("is tried again, whichever it is", async () => {
    const { state, calls } = await reference([wanted("1")]);
    await each(1, calls.length, async (nth) => {
      const machine = new FakeMachine();
      let count = 0;
      const driver = fakeDriver(machine);
      const failing = new Proxy(driver, {
        get(target, key: keyof PodDriver) {
          const value = target[key] as unknown;
          if (!changing.has(key) || typeof value !== "function") return value;
          return async (...args: unknown[]) => {
            if (++count === nth) throw new BandstandError("engine-failed", "no luck");
            return (value as (...all: unknown[]) => unknown).apply(target, args);
          };
        },
      });
      const engine = engineOn(failing);
      await engine.open();
      // Whoever applies hears of what concerns the whole site, and applies again.
      await engine.apply(wanted("1"), none).catch(() => engine.apply(wanted("1"), none));
      await settled(engine);
      expect(comparable(contents(machine)), `call ${nth}`).toEqual(state);
    });
  });
});

describe("a hostile plan", () => {
  test("never reaches the driver, and holds up nothing else", async () => {
    const machine = new FakeMachine();
    const { driver, calls } = dying(fakeDriver(machine), Number.POSITIVE_INFINITY, "before");
    const engine = engineOn(driver);
    await engine.open();
    const security = { ...containerPlan().security, privileged: true };
    const bad = podPlan("bs-s-default-bad", { containers: [containerPlan({ security })] });
    await engine.apply(containersPlan("s", { pods: [bad] }), none);
    expect(calls).toEqual(["prepare"]);
    expect(engine.observe().workloads[0]).toMatchObject({
      status: "Failed",
      containers: [
        { reason: "CreateContainerConfigError", message: expect.stringContaining("is privileged") as string },
      ],
    });
    await engine.apply(containersPlan("s", { pods: [bad, podPlan("bs-s-default-good")] }), none);
    await until(engine, ({ workloads }) => workloads.some(({ ready }) => ready === 1));
    expect([...machine.pods.values()].map(({ name }) => name)).toEqual(["bs-s-default-good"]);
  });

  test("is refused too where it comes from an earlier run's disk", async () => {
    const machine = new FakeMachine();
    const security = { ...containerPlan().security, addCapabilities: ["SYS_ADMIN"] };
    const old = podPlan("bs-s-default-old", { containers: [containerPlan({ security })] });
    machine.create({ name: old.name, plan: old, hash: "old", attempt: 0, aliases: [], ports: [] });
    const engine = engineOn(fakeDriver(machine));
    await engine.open();
    const blocked = podPlan("bs-s-default-old", { blocked: "ConfigMap default/gone does not exist", containers: [] });
    await engine.apply(containersPlan("s", { pods: [blocked] }), none);
    expect([...machine.pods.values()][0]!.containers).toEqual([]);
  });
});
