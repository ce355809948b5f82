import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { loggerTo } from "../../foundation/log/index.ts";
import type { LogLine } from "../../foundation/log/index.ts";
import type { Engine } from "../engine.ts";
import type { EngineHarness } from "../engine.suite.ts";
import { engineOver } from "../reconcile/engine.ts";
import { PodmanClient } from "./client.ts";
import { podmanDriver } from "./driver.ts";
import { exec } from "./exec.ts";
import { labels, siteFilter } from "./labels.ts";
import { connectPodman } from "./service.ts";
import type { PodmanService } from "./service.ts";

/** A static busybox, which makes an image without any registry. */
const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));

/** Why Podman cannot be tested here, and what would change that; undefined where it can. */
export function whyNot(): string | undefined {
  const { status } = spawnSync("podman", ["--version"]);
  if (status !== 0)
    return "podman is not installed: apt-get install -y podman runc netavark aardvark-dns catatonit iptables";
  if (process.getuid?.() !== 0) return "the tests of Podman run as root only";
  const static_ = busybox && spawnSync("ldd", [busybox], { encoding: "utf8" });
  const linked = static_ && /not a dynamic|statically/.test(`${static_.stdout}${static_.stderr}`);
  return linked ? undefined : "no static busybox for a test image: apt-get install -y busybox-static";
}

/** A store of its own for a file of tests, with one service; nothing of it stays after `close`. */
export interface PodmanBench {
  folder: string;
  client: PodmanClient;
  lines: LogLine[];
  harness(site?: string): EngineHarness;
  close(): Promise<void>;
}

export const image = "localhost/test/busybox:1";

/** Opens a fresh store with the image `localhost/test/busybox:1`. */
export async function openBench(): Promise<PodmanBench> {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-podman-"));
  const lines: LogLine[] = [];
  const logger = loggerTo((line) => void lines.push(line), { minimum: "debug" });
  const store = { root: join(folder, "root"), runroot: join(folder, "run") };
  const common = { site: "bench", stateDirectory: join(folder, "bench"), logger, ...store };
  const service: PodmanService = await connectPodman(common);
  const { client } = service;
  const context = join(folder, "context");
  spawnSync("mkdir", [context]);
  copyFileSync(busybox!, join(context, "busybox"));
  const text =
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\nRUN ["/bin/mkdir","/tmp"]\nENV PATH=/bin\nLABEL kept=yes\nVOLUME /anonymous\n';
  writeFileSync(join(context, "Containerfile"), text);
  const driver = podmanDriver({ ...common, stateDirectory: join(folder, "builder") });
  await driver.open();
  await driver.build({ image, context, hash: "busybox" });
  await driver.close();

  const engineOf = (site: string): Engine => {
    const options = { site, stateDirectory: join(folder, site), logger, ...store };
    return engineOver(podmanDriver(options), { logger, drain: 100 });
  };
  const id = async (name: string): Promise<string | undefined> => {
    const { status, value } = await client.call("GET", `containers/${name}/json`, { accept: [404] });
    return status === 404 ? undefined : (value as { Id: string }).Id;
  };
  return {
    folder,
    client,
    lines,
    harness(site = `t${randomBytes(4).toString("hex")}`) {
      return {
        site,
        engine: () => engineOf(site),
        containerId: (pod, container) => id(`${pod}-${container}`),
        async exec(pod, container, command) {
          await exec(client, `${pod}-${container}`, command, 5000);
        },
        async kill(pod, container) {
          await client.call("POST", `containers/${pod}-${container}/kill`, { query: { signal: "KILL" } });
        },
        async removeContainer(pod, container) {
          await client.call("DELETE", `containers/${pod}-${container}`, { query: { force: true, timeout: 0 } });
        },
        async killPod(pod) {
          await client.call("POST", `pods/${pod}/kill`, { query: { signal: "KILL" } });
        },
        leftovers: () => leftovers(client, site),
      };
    },
    async close() {
      await service.close();
      await removeStore(folder, store.root);
    },
  };
}

/** Removes a folder with a store in it, once nobody uses it any more. */
export async function removeStore(folder: string, root: string): Promise<void> {
  // What Podman runs when a container ends would make the store again.
  for (let tries = 0; tries < 100 && processesOf(folder).length > 0; tries++) await sleep(100);
  // Never all targets of the file system: those are other stores' too, and every pod's network.
  spawnSync("umount", ["--recursive", join(root, "overlay")], { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Ids of other processes whose command line names something. */
export function processesOf(text: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Everything of a site that Podman knows. */
export async function leftovers(client: PodmanClient, site: string): Promise<string[]> {
  const filters = siteFilter(site);
  const named = async (kind: string, path: string, query: Record<string, string | boolean>): Promise<string[]> => {
    const found = ((await client.get(path, query)) ?? []) as {
      Name?: string;
      name?: string;
      Names?: string[];
      Id?: string;
    }[];
    return found.map(({ Name, name, Names, Id }) => `${kind} ${Name ?? name ?? Names?.[0] ?? Id}`);
  };
  return [
    ...(await named("pod", "pods/json", { filters })),
    ...(await named("container", "containers/json", { all: true, filters })),
    ...(await named("network", "networks/json", { filters })),
    ...(await named("volume", "volumes/json", { filters })),
    ...(await named("image", "images/json", { filters: siteFilter(site, labels.builtFor) })),
  ];
}
