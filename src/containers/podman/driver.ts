import { rm } from "node:fs/promises";
import { join } from "node:path";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { ContainerStart, LogOptions, ObservedPod, PodDriver, PodSpec } from "../reconcile/driver.ts";
import type { SecretValues } from "../../model/plan/index.ts";
import type { PodmanClient } from "./client.ts";
import { containerName, containerSpec } from "./container-spec.ts";
import { watchEvents } from "./events.ts";
import { exec } from "./exec.ts";
import { PodFolders } from "./folder.ts";
import { framesOf, linesOf } from "./frames.ts";
import { buildImage, ensureImage, fullReference, removeImages } from "./images.ts";
import { ensureNetwork, removeNetwork } from "./network.ts";
import { PodLister } from "./observe.ts";
import type { PodmanOptions } from "./options.ts";
import { podSpec } from "./pod-spec.ts";
import { redirectPorts } from "./redirect.ts";
import { connectPodman } from "./service.ts";
import type { PodmanService } from "./service.ts";
import { checkMounts } from "./sub-path.ts";
import { sweep } from "./sweep.ts";
import { createScratch, ensureClaims, mountsOf, removeScratch, removeSiteVolumes } from "./volumes.ts";

/** What is known once a Podman answers. */
interface Opened {
  service: PodmanService;
  client: PodmanClient;
  folders: PodFolders;
  lister: PodLister;
  rootful: boolean;
  /** Names the store, so that two stores choose different subnets. */
  store: string;
}

/** Pods on Podman 4.3.1 or later, by libpod's create endpoints. */
export function podmanDriver(options: PodmanOptions): PodDriver {
  const { site, stateDirectory, logger } = options;
  const ending = new AbortController();
  let opened: Opened | undefined;
  let removed = false;
  const up = (): Opened => {
    if (opened === undefined) throw new BandstandError("engine-broken", "Podman is not open");
    return opened;
  };

  async function open(): Promise<void> {
    const service = await connectPodman(options);
    const { client } = service;
    try {
      const info = (await client.get("info")) as Info;
      const rootful = !info.host.security.rootless;
      const folders = new PodFolders(stateDirectory, rootful);
      // Something may still be on its way out; what stays now goes next time.
      await sweep(client, folders, site).catch((error: unknown) => {
        logger.warn("what an earlier run left behind cannot be removed", { error: messageOf(error) });
      });
      const lister = new PodLister(client, folders, site, !rootful);
      opened = { service, client, folders, lister, rootful, store: info.store.graphRoot };
    } catch (error) {
      await service.close();
      throw error;
    }
  }

  async function createPod(spec: PodSpec, secrets: SecretValues): Promise<void> {
    const { client, folders, rootful } = up();
    const { name, plan } = spec;
    try {
      await folders.create(name, plan, secrets);
      // Of a pod that somebody removed by hand.
      await removeScratch(client, name);
      await createScratch(client, site, name, plan);
      await client.post("pods/create", podSpec(spec, site, !rootful));
      const { value } = await client.post(`pods/${name}/start`, undefined, { accept: [409, 500] });
      const failure = complaintOf(value);
      if (failure !== undefined) throw new BandstandError("engine-failed", `pod ${name} cannot be started: ${failure}`);
    } catch (error) {
      await removePodNamed(name).catch(() => {});
      throw error;
    }
  }

  async function removePodNamed(name: string): Promise<void> {
    const { client, folders } = up();
    // Removing a pod waits for containers that still run as long as they may take to end.
    await client.call("POST", `pods/${name}/kill`, { query: { signal: "KILL" }, accept: [404, 409, 500] });
    await client.call("DELETE", `pods/${name}`, { query: { force: true }, accept: [404] });
    await removeScratch(client, name);
    await folders.remove(name);
  }

  async function startContainer(pod: ObservedPod, start: ContainerStart, secrets: SecretValues): Promise<void> {
    const { client, folders } = up();
    const { plan } = start;
    const container = { ...start.container, image: fullReference(start.container.image) };
    const name = containerName(pod.name, container.name);
    // The state folder of a pod that runs on may be lost; or a pod that a killed engine asked for came after the sweep.
    if ((await folders.read(pod.name)).plan === undefined) {
      await folders.create(pod.name, plan, secrets);
      await createScratch(client, site, pod.name, plan);
    }
    const { parts, ...places } = await mountsOf(client, folders, pod.name, plan, container);
    const spec = containerSpec(pod, { ...start, container }, places, { site, secrets });
    // Podman reads `volumes`, its documents say `v`.
    await client.call("DELETE", `containers/${name}`, {
      query: { force: true, v: true, volumes: true, timeout: 0 },
      accept: [404],
    });
    const created = await client.post("containers/create", spec, { accept: [404] });
    if (created.status === 404) {
      await ensureImage(client, container, logger);
      await client.post("containers/create", spec);
    }
    if (container.security.nonRoot) await refuseRoot(client, name, container.image);
    if (parts.length > 0) {
      // Everything is mounted then, and nothing runs yet.
      await client.call("POST", `containers/${name}/init`);
      const { value } = await client.call("GET", `containers/${name}/json`);
      try {
        await checkMounts((value as { State: { Pid: number } }).State.Pid, parts);
      } catch (error) {
        await client.call("DELETE", `containers/${name}`, {
          query: { force: true, v: true, volumes: true, timeout: 0 },
          accept: [404],
        });
        throw error;
      }
    }
    await client.call("POST", `containers/${name}/start`);
  }

  async function* logs(containerId: string, { tail, follow = false, signal }: LogOptions) {
    const query = { stdout: true, stderr: true, follow, ...(tail === undefined ? {} : { tail }) };
    const path = `containers/${containerId}/logs`;
    const { status, stream } = await up().client.stream("GET", path, {
      query,
      timeout: 0,
      ...(signal ? { signal } : {}),
    });
    if (status >= 400) return stream.destroy();
    yield* linesOf(framesOf(stream));
  }

  return {
    name: "podman",
    get publishes() {
      return opened !== undefined && !opened.rootful;
    },
    open,
    async close() {
      ending.abort();
      const closing = opened;
      opened = undefined;
      await closing?.service.close();
      if (removed) await rm(join(stateDirectory, "podman"), { recursive: true, force: true });
    },
    watch(changed) {
      void watchEvents(up().client, site, { changed, logger, signal: ending.signal });
    },
    list: () => up().lister.list(),
    async prepare({ volumes, pods }) {
      const { client, store } = up();
      if (pods.length > 0) await ensureNetwork(client, site, store);
      await ensureClaims(client, site, volumes);
    },
    build: (build) => buildImage(up().client, build, { site, logger, signal: ending.signal }),
    image: (container) => ensureImage(up().client, container, logger),
    createPod,
    async redirect(pod, redirects) {
      const { client, folders, rootful } = up();
      if (rootful) {
        if (pod.address === undefined) throw new BandstandError("engine-failed", `pod ${pod.name} has no address yet`);
        const infra = (await client.get(`containers/${pod.name}-infra/json`)) as { State: { Pid: number } };
        await redirectPorts(infra.State.Pid, pod.address, redirects);
      } else if (redirects.length > 0) {
        const ports = redirects.map(({ port }) => port).join(", ");
        logger.warn("without root, pods do not reach this pod at its Service's ports", { pod: pod.name, ports });
      }
      await folders.keepRedirects(pod.name, redirects);
    },
    startContainer,
    async stopContainer(containerId, grace) {
      const timeout = Math.ceil(grace / 1000);
      await up().client.call("POST", `containers/${containerId}/stop`, {
        query: { timeout },
        accept: [304, 404],
        timeout: grace + 60_000,
      });
    },
    removePod: (pod) => removePodNamed(pod.name),
    exec: (containerId, command, timeout) => exec(up().client, containerId, command, timeout),
    async tail(containerId, lines) {
      const found: string[] = [];
      for await (const { text } of logs(containerId, { tail: lines })) found.push(text);
      return found;
    },
    logs,
    async removeRest({ volumes }) {
      const { client, folders } = up();
      await removeNetwork(client, site);
      await folders.removeAll();
      await removeSiteVolumes(client, site, { claims: volumes });
      if (volumes) await removeImages(client, site);
      removed = true;
    },
  };
}

interface Info {
  host: { security: { rootless: boolean } };
  store: { graphRoot: string };
}

/** A container that must not run as root, and whose image says who it runs as. Throws `pod-refused`. */
async function refuseRoot(client: PodmanClient, container: string, image: string): Promise<void> {
  const { Config } = (await client.get(`containers/${container}/json`)) as { Config: { User?: string } };
  const user = (Config.User ?? "").split(":")[0] ?? "";
  if (/^[1-9]\d*$/.test(user)) return;
  const what = user === "" || user === "0" ? "is root" : `is ${JSON.stringify(user)}, which may be root`;
  throw new BandstandError("pod-refused", `runAsNonRoot is set, and the user of image ${image} ${what}`, {
    remedy: "Set runAsUser to a number other than 0.",
  });
}

/** Podman starts a pod with status 200 or 409 and a list of what went wrong. */
function complaintOf(value: unknown): string | undefined {
  const { Errs, message } = (value ?? {}) as { Errs?: unknown[] | null; message?: unknown };
  if (Errs && Errs.length > 0) return Errs.map(String).join("; ");
  return typeof message === "string" ? message : undefined;
}
