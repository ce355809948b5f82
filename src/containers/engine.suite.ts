import { afterEach, describe, expect, test } from "vitest";
import type { ContainerPlan, ContainersPlan, PodPlan, ProbePlan } from "../model/plan/index.ts";
import type { Engine } from "./engine.ts";
import { behaviour } from "./fake/machine.ts";
import { containerPlan, containersPlan, podPlan, servicePlan, until } from "./testing.ts";

/** What the suite needs of the thing under an engine. */
export interface EngineHarness {
  site: string;
  /** A new engine over the same machine. */
  engine(): Engine;
  /** Id of a container as the machine sees it now. */
  containerId(pod: string, container: string): Promise<string | undefined>;
  exec(pod: string, container: string, command: string[]): Promise<void>;
  kill(pod: string, container: string): Promise<void>;
  removeContainer(pod: string, container: string): Promise<void>;
  /** Ends a pod's sandbox with all in it, as a reboot does. */
  killPod(pod: string): Promise<void>;
  /** Everything that carries the site's label, by kind and name. */
  leftovers(): Promise<string[]>;
}

const none = new Map<string, Uint8Array>();

/** What every engine has to do. `harness` is asked once a test. */
export function engineSuite(name: string, harness: () => Promise<EngineHarness>): void {
  describe(`engine ${name}`, () => {
    const engines: Engine[] = [];
    let current: EngineHarness;

    async function start(): Promise<Engine> {
      current = await harness();
      return again();
    }
    async function again(): Promise<Engine> {
      const engine = current.engine();
      engines.push(engine);
      await engine.open();
      return engine;
    }
    const plan = (given: Partial<ContainersPlan>): ContainersPlan => containersPlan(current.site, given);
    const pod = (short: string, given: Parameters<typeof podPlan>[1] = {}): PodPlan => {
      const { kind = "Deployment" } = given;
      const workload = { kind, namespace: "default", name: short };
      return podPlan(`bs-${current.site}-default-${short}`, {
        workload,
        labels: { app: short },
        hostname: short,
        ...given,
      });
    };

    afterEach(async () => {
      const last = engines.at(-1);
      for (const engine of engines.splice(0)) if (engine !== last) await engine.close();
      await last?.remove({ volumes: true });
      await last?.close();
    });

    test("starts what is wanted and reports its endpoints", async () => {
      const engine = await start();
      await engine.apply(plan({ pods: [pod("web")], services: [servicePlan("web", 80, 8000)] }), none);
      const { endpoints, workloads } = await until(engine, (state) => state.endpoints["default/web:80"]?.length === 1);
      expect(endpoints["default/web:80"]).toEqual([{ host: expect.any(String), port: expect.any(Number) }]);
      expect(workloads).toMatchObject([{ kind: "Deployment", name: "web", ready: 1, total: 1, status: "Current" }]);
      expect(workloads[0]!.containers).toMatchObject([{ name: "main", state: "running", ready: true, restarts: 0 }]);
    });

    test("replaces only what changed, and removes what is not wanted any more", async () => {
      const engine = await start();
      const a = pod("a");
      await engine.apply(plan({ pods: [a, pod("b"), pod("c")] }), none);
      await until(engine, ({ workloads }) => workloads.every(({ status }) => status === "Current"));
      const before = await current.containerId(a.name, "main");
      const changed = pod("b", { containers: [containerPlan({ env: { VERSION: { value: "2" } } })] });
      await engine.apply(plan({ pods: [a, changed] }), none);
      const done = await until(
        engine,
        ({ workloads }) => workloads.length === 2 && workloads.every(({ status }) => status === "Current"),
      );
      expect(done.workloads.map(({ name: one }) => one)).toEqual(["a", "b"]);
      expect(await current.containerId(a.name, "main")).toBe(before);
    });

    test("leaves everything alone where the plan is the same", async () => {
      const engine = await start();
      const one = pod("one");
      await engine.apply(plan({ pods: [one] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.ready === 1);
      const before = await current.containerId(one.name, "main");
      await engine.apply(plan({ pods: [one] }), none);
      expect(await current.containerId(one.name, "main")).toBe(before);
    });

    test("takes over what runs after a restart of its own", async () => {
      const engine = await start();
      const one = pod("one");
      const wanted = plan({ pods: [one], services: [servicePlan("one", 80)] });
      await engine.apply(wanted, none);
      await until(engine, (state) => state.endpoints["default/one:80"]?.length === 1);
      const before = await current.containerId(one.name, "main");
      await engine.close();
      const next = await again();
      await next.apply(wanted, none);
      await until(next, (state) => state.endpoints["default/one:80"]?.length === 1);
      expect(await current.containerId(one.name, "main")).toBe(before);
    });

    test.each(["kill", "removeContainer", "killPod"] as const)("starts again after %s", async (how) => {
      const engine = await start();
      const one = pod("one");
      await engine.apply(plan({ pods: [one] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.ready === 1);
      const before = await current.containerId(one.name, "main");
      await current[how](one.name, "main");
      await until(engine, ({ workloads }) => workloads[0]?.ready === 0);
      await until(engine, ({ workloads }) => workloads[0]?.ready === 1);
      const after = await current.containerId(one.name, "main");
      expect(after).toBeDefined();
      expect(after).not.toBe(before);
    });

    test("shows the last lines of what fails again and again, and holds up nothing else", async () => {
      const engine = await start();
      const bad = pod("bad", { containers: [failing()] });
      await engine.apply(plan({ pods: [bad, pod("good")] }), none);
      const { workloads } = await until(engine, (state) => {
        const [first, second] = state.workloads;
        return first?.containers[0]?.restarts === 1 && first.containers[0].lastLog.length > 0 && second?.ready === 1;
      });
      await until(engine, (state) => state.workloads[0]?.containers[0]?.reason === "CrashLoopBackOff");
      expect(workloads[0]!.containers[0]!.lastLog).toContain("something broke");
      expect(engine.observe().workloads[0]).toMatchObject({ status: "Failed", ready: 0, total: 1 });
    });

    test("sends no traffic before a pod is ready, and none after it is not", async () => {
      const engine = await start();
      const one = pod("one", { containers: [running({ probes: { readiness: fileProbe("/tmp/ready") } })] });
      await engine.apply(plan({ pods: [one], services: [servicePlan("one", 80)] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.containers[0]?.message !== undefined);
      expect(engine.observe().endpoints["default/one:80"]).toEqual([]);
      await current.exec(one.name, "main", ["touch", "/tmp/ready"]);
      await until(engine, (state) => state.endpoints["default/one:80"]?.length === 1);
      await current.exec(one.name, "main", ["rm", "/tmp/ready"]);
      await until(engine, (state) => state.endpoints["default/one:80"]?.length === 0);
      expect(engine.observe().workloads[0]!.containers[0]).toMatchObject({ state: "running", restarts: 0 });
    });

    test("restarts what its liveness probe gave up on", async () => {
      const engine = await start();
      const probe = { ...fileProbe("/tmp/alive"), initialDelay: 500, failureThreshold: 2 };
      const one = pod("one", { containers: [running({ probes: { liveness: probe } })] });
      await engine.apply(plan({ pods: [one] }), none);
      const { workloads } = await until(engine, (state) => (state.workloads[0]?.containers[0]?.restarts ?? 0) >= 1);
      expect(workloads[0]!.containers[0]!.name).toBe("main");
    });

    test("runs init containers one after the other, and the others only after them", async () => {
      const engine = await start();
      const steps = [succeeding({ name: "first" }), failing({ name: "second" })];
      const one = pod("one", { initContainers: steps });
      await engine.apply(plan({ pods: [one] }), none);
      await until(engine, ({ workloads }) => (workloads[0]?.containers[1]?.restarts ?? 0) >= 1);
      expect(engine.observe().workloads[0]!.containers[0]).toMatchObject({ state: "terminated", reason: "Completed" });
      expect(await current.containerId(one.name, "main")).toBeUndefined();
      await engine.apply(plan({ pods: [pod("one", { initContainers: [steps[0]!] })] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.ready === 1);
    });

    test("runs a job to its end, once", async () => {
      const engine = await start();
      const job = pod("job", {
        kind: "Job",
        restartPolicy: "Never",
        job: { backoffLimit: 1 },
        containers: [succeeding()],
      });
      await engine.apply(plan({ pods: [job] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.status === "Current");
      const before = await current.containerId(job.name, "main");
      await engine.apply(plan({ pods: [job] }), none);
      expect(await current.containerId(job.name, "main")).toBe(before);
    });

    test.each(["Never", "OnFailure"] as const)("gives up a failing job after its tries (%s)", async (restartPolicy) => {
      const engine = await start();
      const job = pod("job", { kind: "Job", restartPolicy, job: { backoffLimit: 1 }, containers: [failing()] });
      await engine.apply(plan({ pods: [job] }), none);
      const done = await until(
        engine,
        ({ workloads }) => workloads[0]?.status === "Failed" && workloads[0].containers[0]?.state === "terminated",
      );
      expect(done.workloads[0]!.containers[0]).toMatchObject({ reason: "Error" });
    });

    test("says what a pod waits for, and leaves what runs under its name", async () => {
      const engine = await start();
      const one = pod("one");
      await engine.apply(plan({ pods: [one], services: [servicePlan("one", 80)] }), none);
      await until(engine, (state) => state.endpoints["default/one:80"]?.length === 1);
      const blocked = pod("one", { blocked: "ConfigMap default/gone does not exist", containers: [] });
      await engine.apply(plan({ pods: [blocked], services: [servicePlan("one", 80)] }), none);
      const { endpoints, workloads } = engine.observe();
      expect(endpoints["default/one:80"]).toHaveLength(1);
      const waiting = workloads[0]!.containers.find(({ reason }) => reason === "CreateContainerConfigError");
      expect(waiting?.message).toContain("default/gone");
    });

    test("reports a missing image and starts the rest", async () => {
      const engine = await start();
      const lost = pod("lost", { containers: [containerPlan({ image: "localhost/test/nowhere:1" })] });
      await engine.apply(plan({ pods: [lost, pod("good")] }), none);
      const { workloads } = await until(
        engine,
        (state) => state.workloads.find((one) => one.name === "good")?.ready === 1,
      );
      const failed = workloads.find(({ name: one }) => one === "lost")!;
      expect(failed).toMatchObject({ status: "Failed", ready: 0 });
      expect(failed.containers[0]).toMatchObject({ reason: "ErrImageNeverPull", state: "waiting" });
    });

    test("changes replicas one by one without being without one, and stops at what does not come up", async () => {
      const engine = await start();
      const replicas = (version: string, ready = true): ContainersPlan => {
        const env = { VERSION: { value: version } };
        const probes = ready ? {} : { readiness: fileProbe("/tmp/never") };
        const of = (ordinal: number) =>
          podPlan(`bs-${current.site}-default-web-${ordinal}`, {
            workload: { kind: "Deployment", namespace: "default", name: "web" },
            labels: { app: "web" },
            containers: [running({ env, probes })],
          });
        return plan({ pods: [of(0), of(1)], services: [servicePlan("web", 80)] });
      };
      const ready = (): number => engine.observe().endpoints["default/web:80"]?.length ?? 0;
      await engine.apply(replicas("1"), none);
      await until(engine, () => ready() === 2);
      let least = 2;
      const stop = engine.subscribe(() => (least = Math.min(least, ready())));
      await engine.apply(replicas("2"), none);
      await until(engine, ({ workloads }) => workloads[0]?.status === "Current");
      stop();
      expect(least).toBe(2);
      await engine.apply(replicas("3", false), none);
      await until(engine, ({ workloads }) => workloads[0]?.containers.length === 3);
      expect(ready()).toBe(2);
    });

    test("starts the pods of a StatefulSet one after the other, under names that stay", async () => {
      const engine = await start();
      const of = (ordinal: number, version: string): PodPlan =>
        podPlan(`bs-${current.site}-default-db-${ordinal}`, {
          workload: { kind: "StatefulSet", namespace: "default", name: "db" },
          hostname: `db-${ordinal}`,
          containers: [
            running({ env: { VERSION: { value: version } }, probes: { readiness: fileProbe("/tmp/ready") } }),
          ],
        });
      const names = (): string[] => [
        ...new Set(
          engine
            .observe()
            .workloads[0]!.containers.filter(({ state }) => state === "running")
            .map(({ pod: one }) => one),
        ),
      ];
      await engine.apply(plan({ pods: [of(0, "1"), of(1, "1")] }), none);
      await until(engine, () => names().length === 1);
      expect(names()).toEqual([of(0, "1").name]);
      await current.exec(of(0, "1").name, "main", ["touch", "/tmp/ready"]);
      await until(engine, () => names().length === 2);
      await current.exec(of(1, "1").name, "main", ["touch", "/tmp/ready"]);
      await until(engine, ({ workloads }) => workloads[0]?.status === "Current");
      // The last one changes first, and the others wait for it.
      const before = await current.containerId(of(0, "1").name, "main");
      const second = await current.containerId(of(1, "1").name, "main");
      await engine.apply(plan({ pods: [of(0, "2"), of(1, "2")] }), none);
      const changed = async (): Promise<boolean> => {
        const now = await current.containerId(of(1, "2").name, "main");
        return now !== undefined && now !== second;
      };
      await expect.poll(changed).toBe(true);
      await until(engine, () => names().length === 2);
      expect(names().toSorted()).toEqual([of(0, "2").name, of(1, "2").name]);
      expect(await current.containerId(of(0, "1").name, "main")).toBe(before);
    });

    test("gives the lines of a workload", async () => {
      const engine = await start();
      await engine.apply(plan({ pods: [pod("one")] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.ready === 1);
      // A container counts as ready when it runs, which may be before it has written anything.
      const lines = () => Array.fromAsync(engine.logs("one", { tail: 10 }));
      await expect.poll(lines).toMatchObject([{ container: "main", stream: "stdout", text: "starting" }]);
      await expect(engine.logs("nobody", {})[Symbol.asyncIterator]().next()).rejects.toThrow("nothing named nobody");
    });

    test("leaves nothing when it is removed, not even volumes if they go too", async () => {
      const engine = await start();
      const volume = { name: `bs-${current.site}-default-data`, claim: { namespace: "default", name: "data" } };
      const one = pod("one", {
        volumes: [
          { name: "data", type: "claim", volume: volume.name },
          { name: "tmp", type: "empty", medium: "disk" },
        ],
        containers: [
          running({
            mounts: [
              { volume: "data", path: "/data", readOnly: false },
              { volume: "tmp", path: "/scratch", readOnly: false },
            ],
          }),
        ],
      });
      await engine.apply(plan({ pods: [one], volumes: [volume] }), none);
      await until(engine, ({ workloads }) => workloads[0]?.ready === 1);
      await engine.remove({ volumes: false });
      expect(await current.leftovers()).toEqual([`volume ${volume.name}`]);
      await engine.remove({ volumes: true });
      expect(await current.leftovers()).toEqual([]);
    });
  });
}

/** Exec probe that wants a file; quick. */
function fileProbe(file: string): ProbePlan {
  const action = { type: "exec" as const, command: ["cat", file] };
  return { action, initialDelay: 0, period: 100, timeout: 2000, successThreshold: 1, failureThreshold: 1 };
}

/** The shell script is for real engines, the variable for the fake: both do the same. */
function running(given: Partial<ContainerPlan> = {}): ContainerPlan {
  return containerPlan(given);
}

function failing(given: Partial<ContainerPlan> = {}): ContainerPlan {
  const env = { [behaviour]: { value: "fail" } };
  return containerPlan({ env, command: ["sh", "-c", "echo starting; echo something broke; exit 3"], ...given });
}

function succeeding(given: Partial<ContainerPlan> = {}): ContainerPlan {
  return containerPlan({ env: { [behaviour]: { value: "succeed" } }, command: ["true"], ...given });
}
