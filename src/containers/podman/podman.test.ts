import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../foundation/network/testing/free-port.ts";
import type { ContainerPlan, ContainersPlan, PodPlan } from "../../model/plan/index.ts";
import type { Engine } from "../engine.ts";
import type { EngineHarness } from "../engine.suite.ts";
import { containerPlan, containersPlan, podPlan, servicePlan, until } from "../testing.ts";
import { processLimit } from "./container-spec.ts";
import { exec } from "./exec.ts";
import { openBench, whyNot } from "./testing.ts";
import type { PodmanBench } from "./testing.ts";

const reason = whyNot();
const none = new Map<string, Uint8Array>();

/** Serves the folder /www on port 8000. */
const server = 'mkdir -p /www; echo "$NAME" > /www/name; exec httpd -f -p 8000 -h /www';
const http = { name: "http", port: 8000, protocol: "TCP" as const, hostIP: "127.0.0.1" };

describe.skipIf(reason !== undefined)(`podman ${reason ?? ""}`, () => {
  let bench: PodmanBench;
  let harness: EngineHarness;
  let engine: Engine;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench?.close());
  beforeEach(async () => {
    harness = bench.harness();
    engine = harness.engine();
    await engine.open();
  });
  afterEach(async () => {
    await engine.remove({ volumes: true });
    await engine.close();
  });

  const pod = (name: string, container: Partial<ContainerPlan>, given: Partial<PodPlan> = {}): PodPlan =>
    podPlan(`bs-${harness.site}-default-${name}`, {
      workload: { kind: "Deployment", namespace: "default", name },
      labels: { app: name },
      hostname: name,
      containers: [containerPlan(container)],
      ...given,
    });
  const plan = (given: Partial<ContainersPlan>): ContainersPlan => containersPlan(harness.site, given);
  const allReady = (milliseconds?: number) =>
    until(
      engine,
      ({ workloads }) => workloads.length > 0 && workloads.every(({ status }) => status === "Current"),
      milliseconds,
    );
  /** What a command in a container says. */
  const say = async (one: PodPlan, command: string): Promise<string> => {
    const { output } = await exec(bench.client, `${one.name}-main`, ["sh", "-c", command], 10_000);
    return output.trim();
  };

  /** A static busybox looks names up by nslookup only; with a time limit of its own its wget crashes. */
  const fetchIn = (one: PodPlan, name: string, rest: string): Promise<string> => {
    const address = `$(nslookup ${name} | sed -n '/^Name/,$s/^Address: //p' | head -1)`;
    return say(one, `timeout 3 wget -qO- "http://${address}${rest}" 2>&1`);
  };

  test("gives environment, secrets and files, readable by the container's user only where so asked", async () => {
    const ref = { namespace: "default", name: "db", key: "password", hash: "0" };
    const secrets = new Map([["default/db/password", Buffer.from("s3cret")]]);
    const one = pod(
      "one",
      {
        env: { PLAIN: { value: "a b" }, PASSWORD: { secret: ref } },
        security: { ...containerPlan().security, user: 10_001, group: 10_002 },
        mounts: [
          { volume: "config", path: "/etc/app", readOnly: true },
          { volume: "config", path: "/etc/single", subPath: "deep/b", readOnly: true },
        ],
      },
      {
        volumes: [
          {
            name: "config",
            type: "files",
            mode: 0o644,
            files: [
              { path: "a", content: { value: "hello" } },
              { path: "deep/b", content: { base64: Buffer.from([0, 255]).toString("base64") } },
              { path: "key", mode: 0o400, content: { secret: ref } },
            ],
          },
        ],
      },
    );
    await engine.apply(plan({ pods: [one] }), secrets);
    await allReady();
    expect(await say(one, 'echo "$PLAIN $PASSWORD"')).toBe("a b s3cret");
    expect(await say(one, "cat /etc/app/a /etc/app/key; id -u; id -g; wc -c < /etc/single")).toBe(
      "hellos3cret10001\n10002\n2",
    );
    expect(await say(one, "echo x > /etc/app/a; ls -ln /etc/app/key | cut -c1-10")).toContain("-r--------");
    expect(await say(one, "echo x 2>&1 > /etc/app/a")).toContain("Read-only");
    const folder = join(bench.folder, harness.site, "podman", "pods");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(folder, one.name, "plan.json"), "utf8")).not.toContain("s3cret");
  });

  test("keeps a claim over kills, changes and engines; scratch volumes end with the pod", async () => {
    const volume = { name: `bs-${harness.site}-default-data`, claim: { namespace: "default", name: "data" } };
    const of = (version: string): PodPlan =>
      pod(
        "db",
        {
          env: { VERSION: { value: version } },
          security: { ...containerPlan().security, user: 10_001 },
          mounts: [
            { volume: "data", path: "/data", readOnly: false },
            { volume: "data", path: "/part", subPath: "a/b", readOnly: false },
            { volume: "disk", path: "/disk", readOnly: false },
            { volume: "memory", path: "/memory", readOnly: false },
          ],
        },
        {
          volumes: [
            { name: "data", type: "claim", volume: volume.name },
            { name: "disk", type: "empty", medium: "disk" },
            { name: "memory", type: "empty", medium: "memory", size: 1024 ** 2 },
          ],
        },
      );
    await engine.apply(plan({ pods: [of("1")], volumes: [volume] }), none);
    await allReady();
    expect(
      await say(of("1"), "echo kept > /data/file; echo part > /part/file; echo gone > /disk/file; cat /data/a/b/file"),
    ).toBe("part");
    expect(await say(of("1"), "echo x > /memory/file; df -k /memory | tail -1 | tr -s ' ' | cut -d' ' -f2")).toBe(
      "1024",
    );
    await harness.kill(of("1").name, "main");
    await until(engine, ({ workloads }) => workloads[0]!.ready === 0);
    await allReady();
    expect(await say(of("1"), "cat /data/file /disk/file")).toBe("kept\ngone");
    await engine.apply(plan({ pods: [of("2")], volumes: [volume] }), none);
    await allReady();
    expect(await say(of("2"), "cat /data/file; ls /disk")).toBe("kept");
    await engine.remove({ volumes: false });
    await engine.close();
    engine = harness.engine();
    await engine.open();
    await engine.apply(plan({ pods: [of("2")], volumes: [volume] }), none);
    await allReady();
    expect(await say(of("2"), "cat /data/file")).toBe("kept");
  });

  test("gives pods the names of Services, also where port and targetPort differ", async () => {
    const serve = (name: string): PodPlan =>
      pod(name, { command: ["sh", "-c", server], env: { NAME: { value: name } }, ports: [http] });
    const orders = { ...serve("orders"), aliases: ["orders-0", "orders-0.orders"] };
    const shop = serve("shop");
    const services = [servicePlan("orders", 80, "http"), servicePlan("shop", 8000)];
    await engine.apply(plan({ pods: [orders, shop], services }), none);
    await allReady();
    for (const name of [
      "orders",
      "orders.default",
      "orders.default.svc",
      "orders.default.svc.cluster.local",
      "orders-0.orders",
    ]) {
      expect(await fetchIn(shop, name, "/name")).toBe("orders");
    }
    expect(await fetchIn(orders, "shop", ":8000/name")).toBe("shop");
    expect(await fetchIn(orders, "orders", "/name")).toBe("orders");
    // The port of a Service changes without a new pod.
    const before = await harness.containerId(orders.name, "main");
    await engine.apply(
      plan({ pods: [orders, shop], services: [servicePlan("orders", 81, "http"), services[1]!] }),
      none,
    );
    expect(await fetchIn(shop, "orders", ":81/name")).toBe("orders");
    expect(await fetchIn(shop, "orders", "/name")).toContain("refused");
    expect(await harness.containerId(orders.name, "main")).toBe(before);
  });

  test("sets limits, takes privileges away and listens on loopback only", async () => {
    const port = await freePort();
    const security = { ...containerPlan().security, dropCapabilities: ["ALL"], readOnlyRootFilesystem: true };
    const one = pod("one", {
      command: ["sh", "-c", "exec httpd -f -p 8000 -h /bin"],
      ports: [{ ...http, hostPort: port }],
      resources: { memory: 64 * 1024 ** 2, cpu: 0.5 },
      security,
    });
    await engine.apply(plan({ pods: [one] }), none);
    await allReady();
    expect(await say(one, "grep -E 'NoNewPrivs|CapEff' /proc/1/status | tr -d '\\t'")).toBe(
      "CapEff:0000000000000000\nNoNewPrivs:1",
    );
    expect(await say(one, "touch /bin/x 2>&1")).toContain("Read-only");
    const { value } = await bench.client.call("GET", `containers/${one.name}-main/json`);
    const { HostConfig: host, State: state } = value as { HostConfig: Record<string, unknown>; State: { Pid: number } };
    expect(host).toMatchObject({ Memory: 64 * 1024 ** 2, PidsLimit: processLimit, CpuQuota: 50_000 });
    expect(memoryLimit(state.Pid)).toBe(String(64 * 1024 ** 2));
    expect(await connects("127.0.0.1", port)).toBe(true);
    const address = engine.observe().workloads.length > 0 ? await gatewayOf(one) : "";
    expect(await connects(address, port)).toBe(false);
  });

  test("builds an image once, says why one cannot be built, and keeps what runs", async () => {
    const context = join(bench.folder, "built");
    mkdirSync(context, { recursive: true });
    const image = "localhost/test/built:1";
    const build = (text: string): void =>
      writeFileSync(join(context, "Containerfile"), `FROM localhost/test/busybox:1\n${text}\n`);
    build('CMD ["sh", "-c", "echo built; sleep 1000"]');
    const of = (hash: string): PodPlan =>
      pod("one", { image, command: undefined as never, env: { HASH: { value: hash } } });
    const started = () => bench.lines.filter(({ message }) => message === "building image").length;
    const before = started();
    await engine.apply(plan({ pods: [of("1")], builds: [{ image, context, hash: "1" }] }), none);
    await allReady();
    await engine.apply(plan({ pods: [of("1")], builds: [{ image, context, hash: "1" }] }), none);
    expect(started()).toBe(before + 1);
    build("RUN echo it breaks && false");
    await engine.apply(plan({ pods: [of("2")], builds: [{ image, context, hash: "2" }] }), none);
    const { workloads } = engine.observe();
    expect(workloads[0]).toMatchObject({ status: "Failed", ready: 1 });
    const failed = workloads[0]!.containers.find(({ reason: why }) => why === "ImageBuildError");
    expect(failed?.message).toContain("it breaks");
  });

  test("refuses an image that runs as root where that is not wanted", async () => {
    const security = { ...containerPlan().security, nonRoot: true };
    await engine.apply(
      plan({ pods: [pod("root", { security }), pod("user", { security: { ...security, user: 10_001 } })] }),
      none,
    );
    const { workloads } = engine.observe();
    const [root, user] = workloads.map(({ containers }) => containers[0]!);
    expect(root).toMatchObject({ state: "waiting", reason: "CreateContainerConfigError" });
    expect(root!.message).toContain("runAsNonRoot");
    expect(user).toMatchObject({ state: "running" });
  });

  test("kills a command that takes too long: probes that hang do not pile up", async () => {
    const one = pod("one", {});
    await engine.apply(plan({ pods: [one] }), none);
    await allReady();
    const result = await exec(bench.client, `${one.name}-main`, ["sleep", "1000"], 300);
    expect(result.code).toBeUndefined();
    await expect.poll(() => say(one, "ps | grep -c '[s]leep 1000'")).toBe("0");
  });

  test("says that a container may have run out of memory, and with which code it ended", async () => {
    const hungry = pod("hungry", {
      command: ["sh", "-c", "echo eating; exec tail /dev/zero"],
      resources: { memory: 16 * 1024 ** 2 },
    });
    await engine.apply(plan({ pods: [hungry] }), none);
    const { workloads } = await until(engine, (state) => state.workloads[0]?.containers[0]?.lastLog.includes("eating"));
    expect(workloads[0]!.containers[0]).toMatchObject({
      message: expect.stringMatching(/^(?=.*exit code 137)(?=.*memory: its limit is 16 MiB)/) as string,
    });
  });

  test("leaves no volume that only the image asks for", async () => {
    const one = pod("one", {});
    await engine.apply(plan({ pods: [one] }), none);
    await allReady();
    const volumes = async (): Promise<number> =>
      ((await bench.client.get("volumes/json")) as unknown[] | null)?.length ?? 0;
    expect(await volumes()).toBe(1);
    await harness.kill(one.name, "main");
    await until(engine, (state) => state.workloads[0]!.ready === 0);
    await allReady();
    expect(await volumes()).toBe(1);
    await engine.remove({ volumes: false });
    expect(await volumes()).toBe(0);
  });

  test("names what keeps a container from starting", async () => {
    await engine.apply(plan({ pods: [pod("one", { command: ["/no/such/program"] })] }), none);
    const { workloads } = engine.observe();
    expect(workloads[0]!.status).toBe("Failed");
    expect(workloads[0]!.containers[0]).toMatchObject({ state: "waiting", reason: "CreateContainerError" });
    expect(workloads[0]!.containers[0]!.message).toContain("/no/such/program");
  });

  test("asks containers to end, runs preStop before that and postStart after the start", async () => {
    const volume = { name: `bs-${harness.site}-default-log`, claim: { namespace: "default", name: "log" } };
    const one = pod(
      "one",
      {
        command: ["sh", "-c", "trap 'echo term >> /log/all; exit' TERM; while :; do sleep 0.1; done"],
        mounts: [{ volume: "log", path: "/log", readOnly: false }],
        lifecycle: {
          postStart: { exec: ["sh", "-c", "echo post >> /log/all"] },
          preStop: { exec: ["sh", "-c", "echo pre >> /log/all"] },
        },
      },
      { volumes: [{ name: "log", type: "claim", volume: volume.name }], terminationGrace: 5000 },
    );
    await engine.apply(plan({ pods: [one], volumes: [volume] }), none);
    await allReady();
    const { value } = await bench.client.call("GET", `volumes/${volume.name}/json`);
    await engine.apply(plan({ pods: [], volumes: [volume] }), none);
    await until(engine, ({ workloads }) => workloads.length === 0);
    expect(readFileSync(join((value as { Mountpoint: string }).Mountpoint, "all"), "utf8")).toBe("post\npre\nterm\n");
  });

  test("follows what a workload writes over a restart", async () => {
    const one = pod("one", { command: ["sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.2; done"] });
    await engine.apply(plan({ pods: [one] }), none);
    await allReady();
    const ending = new AbortController();
    const lines: string[] = [];
    for await (const { text } of engine.logs("one", { follow: true, tail: 1, signal: ending.signal })) {
      lines.push(text);
      if (lines.length === 2) await harness.kill(one.name, "main");
      if (lines.length > 2 && text === "line 1") ending.abort();
    }
    expect(lines).toContain("line 0");
  });

  async function gatewayOf(one: PodPlan): Promise<string> {
    return say(one, "ip route | grep default | cut -d' ' -f3");
  }
});

function memoryLimit(pid: number): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const v1 = lines.find((line) => line.split(":")[1] === "memory");
  if (v1) return readFileSync(`/sys/fs/cgroup/memory${v1.split(":")[2]}/memory.limit_in_bytes`, "utf8").trim();
  const v2 = lines.find((line) => line.startsWith("0::"))!;
  return readFileSync(`/sys/fs/cgroup${v2.slice(3)}/memory.max`, "utf8").trim();
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1000 });
    const end = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}
