import type { ObservedContainer, ObservedPod } from "../reconcile/driver.ts";
import type { PodmanClient } from "./client.ts";
import type { PodFolders } from "./folder.ts";
import { labels, siteFilter, workloadOf } from "./labels.ts";
import { networkName } from "./network.ts";

interface Listed {
  Id: string;
  Pod: string;
  PodName: string;
  IsInfra: boolean;
  State: string;
  Created: string;
  StartedAt: number;
  ExitedAt: number;
  ExitCode: number;
  Labels: Record<string, string> | null;
  Ports?: { container_port: number; host_port: number; range: number; protocol: string }[] | null;
}

interface Inspected {
  State: { OOMKilled: boolean; StartedAt: string; FinishedAt: string; ExitCode: number };
  NetworkSettings?: { Networks?: Record<string, { IPAddress?: string }> };
}

/** Reads the site's pods from Podman; what does not change is asked once. */
export class PodLister {
  readonly #client: PodmanClient;
  readonly #folders: PodFolders;
  readonly #site: string;
  readonly #publishes: boolean;
  #known = new Map<string, Inspected>();

  constructor(client: PodmanClient, folders: PodFolders, site: string, publishes: boolean) {
    this.#client = client;
    this.#folders = folders;
    this.#site = site;
    this.#publishes = publishes;
  }

  async list(): Promise<ObservedPod[]> {
    const query = { all: true, filters: siteFilter(this.#site) };
    const listed = ((await this.#client.get("containers/json", query)) ?? []) as Listed[];
    // Only pods that we labelled: containers inherit labels of images, and images come from anywhere.
    const sandboxes = listed.filter((one) => one.IsInfra);
    const before = this.#known;
    this.#known = new Map();
    const pods = await Promise.all(sandboxes.map((one) => this.#pod(one, listed, before)));
    return pods.flatMap((pod) => pod ?? []);
  }

  async #pod(
    infra: Listed,
    listed: readonly Listed[],
    before: Map<string, Inspected>,
  ): Promise<ObservedPod | undefined> {
    const found = infra.Labels ?? {};
    const workload = workloadOf(found);
    const { [labels.pod]: slot, [labels.hash]: hash } = found;
    if (workload === undefined || slot === undefined || hash === undefined) return undefined;
    const running = infra.State === "running";
    const own = listed.filter((one) => !one.IsInfra && one.Pod === infra.Pod);
    const inspected = running && !this.#publishes ? await this.#inspect(infra, before) : undefined;
    const address = inspected?.NetworkSettings?.Networks?.[networkName(this.#site)]?.IPAddress;
    const { plan, redirects } = await this.#folders.read(infra.PodName);
    const containers = await Promise.all(own.map((one) => this.#container(one, before)));
    return {
      id: infra.Pod,
      name: infra.PodName,
      slot,
      hash,
      workload,
      attempt: Number(found[labels.attempt] ?? 0),
      created: Date.parse(infra.Created),
      running,
      ...(address ? { address } : {}),
      ...(this.#publishes ? { published: publishedOf(infra) } : {}),
      ...(redirects ? { redirects } : {}),
      ...(plan ? { plan } : {}),
      containers: containers.flatMap((container) => container ?? []),
    };
  }

  async #container(one: Listed, before: Map<string, Inspected>): Promise<ObservedContainer | undefined> {
    const name = one.Labels?.[labels.container];
    const state = states[one.State];
    if (name === undefined || state === undefined) return undefined;
    const common = { id: one.Id, name, state, restarts: Number(one.Labels?.[labels.restarts] ?? 0) };
    if (state === "created") return common;
    if (state === "running") return { ...common, startedAt: one.StartedAt * 1000 };
    const inspected = await this.#inspect(one, before);
    if (inspected === undefined) return undefined;
    const { OOMKilled, StartedAt, FinishedAt, ExitCode } = inspected.State;
    const times = { startedAt: Date.parse(StartedAt), finishedAt: Date.parse(FinishedAt) };
    return { ...common, ...times, exitCode: ExitCode, oomKilled: OOMKilled };
  }

  /** undefined: it was removed since it was listed. */
  async #inspect(one: Listed, before: Map<string, Inspected>): Promise<Inspected | undefined> {
    const key = `${one.Id} ${one.State} ${one.StartedAt} ${one.ExitedAt}`;
    let found = before.get(key);
    if (found === undefined) {
      const { status, value } = await this.#client.call("GET", `containers/${one.Id}/json`, { accept: [404] });
      if (status === 404) return undefined;
      found = value as Inspected;
    }
    this.#known.set(key, found);
    return found;
  }
}

const states: Record<string, ObservedContainer["state"]> = {
  created: "created",
  configured: "created",
  initialized: "created",
  running: "running",
  paused: "running",
  stopping: "running",
  exited: "exited",
  stopped: "exited",
};

function publishedOf({ Ports }: Listed): Record<number, number> {
  const published: Record<number, number> = {};
  for (const { container_port, host_port, range, protocol } of Ports ?? []) {
    if (protocol !== "tcp") continue;
    for (let offset = 0; offset < Math.max(1, range); offset++) published[container_port + offset] = host_port + offset;
  }
  return published;
}
