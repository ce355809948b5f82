import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContainersPlan, PodPlan } from "../../model/plan/index.ts";
import type { EngineHarness } from "../engine.suite.ts";
import type { Engine } from "../engine.ts";
import { containerPlan, containersPlan, podPlan, servicePlan, until } from "../testing.ts";
import { openBench, processesOf, whyNot } from "./testing.ts";
import type { PodmanBench } from "./testing.ts";

const reason = whyNot();
const none = new Map<string, Uint8Array>();
const doomed = fileURLToPath(new URL("doomed.ts", import.meta.url));

describe.skipIf(reason !== undefined)(`podman when things die ${reason ?? ""}`, () => {
  let bench: PodmanBench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench?.close());

  /** Pods with everything that takes a step of its own. */
  const planOf = ({ site }: EngineHarness, version: string): ContainersPlan => {
    const claim = { name: `bs-${site}-default-data`, claim: { namespace: "default", name: "data" } };
    const env = { VERSION: { value: version } };
    const mounts = [
      { volume: "data", path: "/data", subPath: "part", readOnly: false },
      { volume: "scratch", path: "/scratch", readOnly: false },
      { volume: "files", path: "/files", readOnly: true },
    ];
    const pod = (name: string, given: Partial<PodPlan>): PodPlan =>
      podPlan(`bs-${site}-default-${name}`, {
        workload: { kind: "Deployment", namespace: "default", name },
        labels: { app: name },
        hostname: name,
        ...given,
      });
    const db = pod("db", {
      initContainers: [containerPlan({ name: "init", command: ["true"] })],
      containers: [containerPlan({ env, mounts }), containerPlan({ name: "side" })],
      volumes: [
        { name: "data", type: "claim", volume: claim.name },
        { name: "scratch", type: "empty", medium: "disk" },
        { name: "files", type: "files", mode: 0o644, files: [{ path: "a", content: { value: "a" } }] },
      ],
    });
    const web = pod("web", { containers: [containerPlan({ env })] });
    return containersPlan(site, { pods: [db, web], volumes: [claim], services: [servicePlan("web", 80, 8000)] });
  };
  const settled = (engine: Engine) =>
    until(
      engine,
      ({ workloads }) => workloads.length === 2 && workloads.every((one) => one.status === "Current"),
      30_000,
    );

  test("an engine that is killed again and again leaves what the next one completes, nothing twice", async () => {
    const harness = bench.harness();
    const state = join(bench.folder, harness.site);
    const file = join(bench.folder, `${harness.site}.json`);
    mkdirSync(state, { recursive: true });
    // A pod takes about 0.3 s: the kills go through all of making and of replacing it.
    const delays = [20, 120, 220, 320, 420, 540, 700, 900];
    for (const [index, delay] of delays.entries()) {
      // Another version every other time: then the killed one was replacing what runs.
      writeFileSync(file, JSON.stringify(planOf(harness, String(index >> 1))));
      const child = spawn(process.execPath, [doomed, state, file], {
        env: { ...process.env, CONTAINER_HOST: `unix://${bench.client.socket}` },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += String(chunk)));
      await Promise.race([once(child.stdout, "data"), once(child, "close")]);
      expect(child.exitCode, said).toBe(null);
      await sleep(delay);
      await kill(child);
    }
    const engine = harness.engine();
    await engine.open();
    const plan = planOf(harness, "last");
    await engine.apply(plan, none);
    await settled(engine);
    const found = (await harness.leftovers()).map((line) => line.replaceAll(`bs-${harness.site}`, "bs"));
    const marks = /(?<=bs-default-(?:db|web))-[0-9a-f]{6}(?=$|-)/;
    expect(found.map((line) => line.replace(marks, "")).toSorted()).toEqual(
      [
        "container bs-default-db-init",
        "container bs-default-db-main",
        "container bs-default-db-side",
        "container bs-default-web-main",
        "container bs-infra of db",
        "container bs-infra of web",
        "network bs",
        "pod bs-default-db",
        "pod bs-default-web",
        "volume bs-default-data",
        "volume bs-default-db-scratch",
      ]
        .map((line) => line.replace(/bs-infra of (\w+)/, "bs-default-$1-infra"))
        .toSorted(),
    );
    const folders = readdirSync(join(state, "podman", "pods"));
    expect(folders).toHaveLength(2);
    await engine.remove({ volumes: true });
    expect(await harness.leftovers()).toEqual([]);
    await engine.close();
  });

  test("a service of Podman that dies comes back, and everything goes on", async () => {
    const harness = bench.harness();
    const engine = harness.engine();
    await engine.open();
    const plan = planOf(harness, "1");
    await engine.apply(plan, none);
    await settled(engine);
    const before = await harness.containerId(plan.pods[1]!.name, "main");
    const [service] = processesOf(`unix://${join(bench.folder, harness.site, "podman", "service.sock")}`);
    process.kill(service!, "SIGKILL");
    // Nobody hears of this one's end.
    await harness.kill(plan.pods[0]!.name, "main");
    await until(
      engine,
      ({ workloads }) => (workloads[0]?.containers.find(({ name }) => name === "main")?.restarts ?? 0) > 0,
    );
    await settled(engine);
    expect(await harness.containerId(plan.pods[1]!.name, "main")).toBe(before);
    // Plans go on being applied too.
    await engine.apply(planOf(harness, "2"), none);
    await settled(engine);
    await engine.remove({ volumes: true });
    await engine.close();
  });

  test("a network or a pod that somebody removed by hand is made again", async () => {
    const harness = bench.harness();
    const engine = harness.engine();
    await engine.open();
    const plan = planOf(harness, "1");
    await engine.apply(plan, none);
    await settled(engine);
    await bench.client.call("DELETE", `networks/bs-${harness.site}`, { query: { force: true } });
    await until(engine, ({ workloads }) => workloads.some(({ ready }) => ready === 0));
    await settled(engine);
    await bench.client.call("DELETE", `pods/${plan.pods[0]!.name}`, { query: { force: true } });
    await until(engine, ({ workloads }) => workloads.some(({ ready }) => ready === 0));
    await settled(engine);
    await engine.remove({ volumes: true });
    expect(await harness.leftovers()).toEqual([]);
    await engine.close();
  });

  test("an image that cannot be pulled is said, with what to do, and tried again", async () => {
    const harness = bench.harness();
    const engine = harness.engine();
    await engine.open();
    // Nothing listens there: no network is needed to fail.
    const image = "127.0.0.1:1/nobody/nothing:1";
    const pod = podPlan(`bs-${harness.site}-default-lost`, {
      workload: { kind: "Deployment", namespace: "default", name: "lost" },
      containers: [containerPlan({ image, pullPolicy: "IfNotPresent" })],
    });
    await engine.apply(containersPlan(harness.site, { pods: [pod] }), none);
    const { workloads } = engine.observe();
    expect(workloads[0]).toMatchObject({ status: "Failed", ready: 0 });
    const { reason: why, message = "" } = workloads[0]!.containers[0]!;
    expect(why).toBe("ImagePullBackOff");
    expect(message).toContain(`image ${image} cannot be pulled: `);
    expect(message).toContain("Check its name, the network and `podman login`.");
    await engine.remove({ volumes: true });
    await engine.close();
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
